import { isMacByAny, type MacKeys, macByNewest } from '../keys/mac.ts'
import type { SeenPresence } from './presences.ts'

type Said = Pick<SeenPresence, 'address' | 'holder' | 'authority'>

/**
 * The MAC by which a server proves that it has the keys of this installation. `cluster`: uid of the cluster, so that a MAC of another one
 * proves nothing.
 */
export const presenceMac = (cluster: string, said: Said, keys: MacKeys): string =>
  macByNewest(keys, 'presence', textOf(cluster, said))

/** True if a server with these keys wrote the address and the word. Whoever may write Leases may write any other ones. */
export const isProven = (cluster: string, { mac = '', ...said }: SeenPresence, keys: MacKeys): boolean =>
  /^[\w-]{43}$/.test(mac) && isMacByAny(keys, 'presence', textOf(cluster, said), mac)

const textOf = (cluster: string, { address, holder, authority }: Said): string =>
  JSON.stringify([cluster, address, holder, ...(authority === undefined ? [] : [authority])])
