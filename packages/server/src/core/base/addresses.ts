import { isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isNodeName } from '@joinery/protocol'

/** Addresses at which other machines may reach this one: all but loopback and link-local. */
export const machineAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .map(({ address }) => address)

/** True if a certificate can carry the text: an IP address or a DNS name, without scheme or port. */
export const isAddress = (text: string): boolean => isIP(text) !== 0 || isNodeName(text)

/** https URL of the agents' listener at this address. */
export const agentsUrl = (address: string): string => `https://${isIPv6(address) ? `[${address}]` : address}:7443`

/** The host of an https URL as a certificate names it: an IPv6 address without brackets. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')

/** The `addresses`, followed by the host of `url` if it is not among them. */
export const withHostOf = (addresses: readonly string[], url: string): readonly string[] => {
  const host = hostOf(url)
  return addresses.some((address) => hostOf(agentsUrl(address)) === host) ? addresses : [...addresses, host]
}
