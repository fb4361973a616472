import { isIP } from 'node:net'
import { contains, parseSubnet, type Subnet } from '../../../network/subnets.ts'

/**
 * True if Go programs connect to host:port without the proxy, by a value of NO_PROXY. The rules are those of
 * golang.org/x/net/http/httpproxy. A CIDR is only for addresses, because names are not resolved for it.
 */
export const bypassesProxy = (noProxy: string, host: string, port: number): boolean => {
  const name = host.toLowerCase()
  if (name === 'localhost') return true
  const address = isIP(name) === 0 ? undefined : parseSubnet(name)
  if (address !== undefined && loopback.some((subnet) => contains(subnet, address))) return true
  return entries(noProxy).some((entry) => {
    if (entry === '*') return true
    if (entry.includes('/')) return address !== undefined && holds(entry, address)
    const [, ofHost = entry, ofPort] = /^(.*[^:]|\[.*\]):(\d+)$/.exec(isIP(entry) === 0 ? entry : '') ?? []
    if (ofPort !== undefined && Number(ofPort) !== port) return false
    const plain = ofHost.replace(/^\[(.*)\]$/, '$1')
    if (isIP(plain) !== 0) return address !== undefined && holds(plain, address)
    return address === undefined && matchesName(plain.replace(/^\*\./, '.'), name)
  })
}

/** True if programs connect to every address of a network without the proxy. */
export const networkBypassesProxy = (noProxy: string, network: Subnet): boolean =>
  entries(noProxy).some((entry) => entry === '*' || (entry.includes('/') && holds(entry, network)))

/**
 * True if an entry stands for the name. `example.com` is for itself and all names below it, `.example.com` only for
 * the names below.
 */
const matchesName = (entry: string, name: string): boolean =>
  entry !== '' && (name.endsWith(entry.startsWith('.') ? entry : `.${entry}`) || name === entry)

const holds = (entry: string, inner: Subnet): boolean => {
  const outer = parseSubnet(entry)
  return outer !== undefined && contains(outer, inner)
}

const entries = (noProxy: string): string[] =>
  noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')

const loopback = ['127.0.0.0/8', '::1'].flatMap((text) => parseSubnet(text) ?? [])
