import { isIPv6 } from 'node:net'
import { plainAddress } from './ip-address.ts'

/**
 * The group of addresses that share a budget: an IPv4 address, also one that came as IPv6, or the /64 of an IPv6
 * address. Anybody who has one address of a /64 has all. Empty for a socket that is closed already.
 */
export const addressGroup = (remoteAddress: string | undefined): string => {
  const address = plainAddress(remoteAddress ?? '') ?? ''
  return isIPv6(address) ? `${network(address)}::/64` : address
}

/** The first four of the eight groups of a compressed IPv6 address. */
const network = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array(8 - groups.length - after.length).fill('0')
  return [...groups, ...zeros, ...after].slice(0, 4).join(':')
}
