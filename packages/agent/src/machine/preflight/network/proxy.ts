import { isIP } from 'node:net'
import type { Host } from '../../../host/host.ts'
import { paths, units } from '../../../host/paths.ts'
import { unitsProperties } from '../../../host/unit.ts'
import { contains, parseSubnet, type Subnet } from '../../../network/subnets.ts'
import { type PreflightCheck, pass, warn } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import { parseEndpoint } from '../reach/endpoints.ts'
import { kubeletPort } from './role-ports.ts'

const proxied = [units.containerd, units.kubelet, units.join]

/** A place in which proxy variables stand. */
interface Source {
  where: string
  variables: Record<string, string>
  /** Commands that write this line there. */
  remedy: (line: string) => string[]
}

/** Checks the proxy variables of everything that speaks to the API server from here, or that a person's kubeadm would have. */
export const proxy = (input: PreflightInput): PreflightCheck => ({
  name: 'proxy',
  why: 'kubeadm, the kubelet and network plugins would ask the proxy for the API server, which the proxy mostly cannot reach',
  async run(host) {
    const sources = (await readSources(host)).filter(({ variables }) => variable(variables, 'HTTPS_PROXY') !== '')
    // only HTTPS_PROXY counts for the API server
    if (sources.length === 0) return pass('no proxy is set for https')
    const lacking = sources.flatMap((source) => {
      const noProxy = variable(source.variables, 'NO_PROXY')
      const missing = missingIn(noProxy, input)
      return missing.length === 0 ? [] : [{ source, missing, line: [noProxy, ...missing].filter(Boolean).join(',') }]
    })
    if (lacking.length === 0) return pass(`${describe(sources)}, and NO_PROXY has all addresses of the cluster`)
    const missing = [...new Set(lacking.flatMap((one) => one.missing))]
    const remedy = [...new Set(lacking.flatMap(({ source, line }) => source.remedy(`NO_PROXY=${line}`)))]
    return warn(`${describe(lacking.map(({ source }) => source))}, and NO_PROXY lacks ${missing.join(', ')}`, ...remedy)
  }
})

const missingIn = (noProxy: string, input: PreflightInput): string[] => {
  const { apiEndpoint = '', nodeIp, reachability, cluster } = input
  const endpoints = [apiEndpoint, ...(cluster?.controlPlanes ?? [])].flatMap((text) => parseEndpoint(text) ?? [])
  const own = [nodeIp ?? reachability?.address].filter((address) => address !== undefined)
  const networks = [...(cluster?.podSubnets ?? []), ...(cluster?.serviceSubnets ?? [])]
  return [
    ...new Set([
      ...endpoints.filter(({ name, port }) => !bypassesProxy(noProxy, name, port)).map(({ name }) => name),
      ...own.filter((address) => !bypassesProxy(noProxy, address, kubeletPort)),
      ...networks.filter((text) => {
        const network = parseSubnet(text)
        return network !== undefined && !networkBypassesProxy(noProxy, network)
      })
    ])
  ]
}

const readSources = async (host: Host): Promise<Source[]> => {
  const [shown, file = ''] = await Promise.all([
    unitsProperties(host.exec, proxied, ['Id', 'Environment']).catch(() => []),
    host.read(paths.environment)
  ])
  const ofUnits = shown.flatMap(({ Id: unit, Environment: words = '' }) =>
    unit === undefined ? [] : [{ where: unit, variables: assignments(quoted(words)), remedy: unitRemedy(unit) }]
  )
  const lines = file
    .split('\n')
    .map((line) => line.trim().replace(/^export\s+/, ''))
    .filter((line) => !line.startsWith('#'))
  return [
    { where: "the agent's environment", variables: present(host.environment), remedy: agentRemedy },
    ...ofUnits,
    { where: paths.environment, variables: assignments(lines), remedy: fileRemedy }
  ]
}

/** Text without anything that a shell, sed or systemd reads in its own way. */
const plain = /^[\w.:/,*@ =[\]-]+$/

const dropIns = (unit: string): string => `/etc/systemd/system/${unit}.d`

const unitRemedy =
  (unit: string) =>
  (line: string): string[] => [
    plain.test(line)
      ? `mkdir -p ${dropIns(unit)} && printf '[Service]\\nEnvironment="%s"\\n' '${line}' > ${dropIns(unit)}/zz-no-proxy.conf && systemctl daemon-reload && systemctl try-restart ${unit}`
      : `# put Environment="${line}" into [Service] by systemctl edit ${unit}, then restart it`
  ]

const agentRemedy = unitRemedy('joinery-agent.service')
const fileRemedy = (line: string): string[] => [
  plain.test(line)
    ? `sed -i -E '/^\\s*(export\\s+)?NO_PROXY=/d' ${paths.environment} && sed -i '$a ${line}' ${paths.environment}`
    : `# put ${line} into ${paths.environment}`
]

/** The words of systemd's list. A word with spaces is in quotes. */
const quoted = (text: string): string[] =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([word, inside]) => inside ?? word)

const assignments = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.flatMap((word) => {
      const [, name, value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? []
      return name === undefined ? [] : [[name, value.trim().replace(/^(["'])(.*)\1$/, '$2')]]
    })
  )

const present = (variables: Host['environment']): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

/** The value of a variable. The name in capitals comes first, as for Go programs. */
const variable = (variables: Record<string, string>, name: string): string =>
  variables[name] || variables[name.toLowerCase()] || ''

const describe = (sources: readonly Source[]): string =>
  sources
    .map(({ where, variables }) => `${where} has the proxy ${address(variable(variables, 'HTTPS_PROXY'))}`)
    .join('; ')

/** Only host and port of a proxy: name and password may stand before them. */
const address = (text: string): string => {
  const { host = '' } = URL.parse(text.includes('://') ? text : `http://${text}`) ?? {}
  return host === '' ? '(which is no address)' : host
}

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
