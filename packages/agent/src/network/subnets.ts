import { BlockList, isIP, isIPv6 } from 'node:net'

/** A network, or one address. */
export interface Subnet {
  /** The text as it was given. */
  text: string
  address: string
  /** Length of the prefix, in bits. */
  length: number
  family: Family
}

export type Family = 'ipv4' | 'ipv6'

export const familyOf = (address: string): Family => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Reads `address/length`, or only an address. Undefined if the text is neither. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const [, address = '', length] = /^([^/\s]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const bits = Number(length ?? longest)
  if (longest < 0 || bits > longest) return undefined
  return { text: text.trim(), address, length: bits, family: familyOf(address) }
}

/** True if every address of `inner` is one of `outer`. */
export const contains = (outer: Subnet, inner: Subnet): boolean => {
  if (outer.family !== inner.family || outer.length > inner.length) return false
  const block = new BlockList()
  block.addSubnet(outer.address, outer.length, outer.family)
  return block.check(inner.address, inner.family)
}

/** True if the two have an address in common: of two prefixes one is then within the other. */
export const overlap = (one: Subnet, other: Subnet): boolean => contains(one, other) || contains(other, one)

const special = (
  [
    ['a loopback address', '127.0.0.0/8', '::1'],
    ['a link-local address', '169.254.0.0/16', 'fe80::/10'],
    ['a multicast address', '224.0.0.0/4', 'ff00::/8'],
    ['no address of a machine', '0.0.0.0', '255.255.255.255', '::']
  ] as const
).map(([kind, ...subnets]) => ({ kind, subnets: subnets.flatMap((text) => parseSubnet(text) ?? []) }))

/** The reason why an address cannot be a Node's (validateNodeIP of the kubelet), in words. Undefined if it can. */
export const unfitForNode = (address: string): string | undefined => {
  const one = parseSubnet(address)
  if (one === undefined || isIP(address) === 0) return 'no IP address'
  return special.find(({ subnets }) => subnets.some((subnet) => contains(subnet, one)))?.kind
}
