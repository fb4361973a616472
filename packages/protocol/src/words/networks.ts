import { BlockList, isIP } from 'node:net'

/** True for a network in CIDR form: `192.0.2.0/24` or `2001:db8::/32`. */
export const isNetwork = (text: string): boolean => parts(text) !== undefined

/** True if the address, IPv4 or IPv6, is in one of the networks. */
export const isWithin = (address: string, networks: readonly string[]): boolean => {
  // a link-local address may name its link
  const [plain = ''] = address.split('%')
  const family = isIP(plain)
  if (family === 0) return false
  const list = new BlockList()
  for (const network of networks) {
    const given = parts(network)
    if (given?.family === family) list.addSubnet(given.address, given.prefix, familyName(family))
  }
  return list.check(plain, familyName(family))
}

const parts = (text: string): { address: string; prefix: number; family: number } | undefined => {
  const [, address = '', digits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? []
  const [family, prefix] = [isIP(address), Number(digits)]
  return family === 0 || prefix > (family === 4 ? 32 : 128) ? undefined : { address, prefix, family }
}

const familyName = (family: number) => (family === 4 ? 'ipv4' : 'ipv6')
