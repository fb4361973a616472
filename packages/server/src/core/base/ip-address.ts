import { isIPv4, isIPv6 } from 'node:net'

/**
 * The address in a form in which two equal addresses are equal texts: IPv4 that is wrapped in IPv6 becomes plain IPv4,
 * and no address has a zone. Undefined if the text is no address.
 */
export const plainAddress = (text: string): string | undefined => {
  const [address = ''] = text.split('%')
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return undefined
  const compressed = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed) ?? []
  if (high === undefined || low === undefined) return compressed
  const bytes = Buffer.from(high.padStart(4, '0') + low.padStart(4, '0'), 'hex')
  return [...bytes].join('.')
}

/** True for an address of this host alone. */
export const isLoopback = (text: string): boolean => {
  const address = plainAddress(text)
  return address === '::1' || (address !== undefined && isIPv4(address) && address.startsWith('127.'))
}
