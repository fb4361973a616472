import { isIP } from 'node:net'
import { isWithin } from '@joinery/protocol'

/** True if the two networks, in CIDR form, share an address: one of them then holds the first address of the other. */
export const overlap = (one: string, other: string): boolean =>
  isWithin(addressOf(one), [other]) || isWithin(addressOf(other), [one])

const addressOf = (network: string): string => {
  const [address = ''] = network.split('/')
  return isIP(address) === 0 ? '' : address
}
