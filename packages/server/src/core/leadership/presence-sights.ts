import { serverUrl } from '@joinery/protocol'
import { presenceName, type SeenPresence } from './presences.ts'

/** The Lease of a server, and since when this server has seen it so. */
export interface PresenceSight {
  seen: SeenPresence
  /** Time by the monotonic clock of this process. */
  since: number
  /** True if a server with the keys of this installation wrote it. */
  isProven: boolean
}

/** True if a server of this installation wrote the Lease, under its own name, and machines could use its URL. */
export const isServer = ({ seen, isProven }: PresenceSight): boolean =>
  isProven && serverUrl(seen.address) !== undefined && seen.name === presenceName(seen.address)

/** The sights after these Leases were found. One that has not changed is as old as before. */
export const sightsAfter = (
  before: ReadonlyMap<string, PresenceSight>,
  found: readonly Omit<PresenceSight, 'since'>[],
  now: number
): Map<string, PresenceSight> =>
  new Map(
    found.map(({ seen, isProven }) => {
      const known = before.get(seen.name)
      const since = known?.seen.version === seen.version ? known.since : now
      return [seen.name, { seen, isProven, since }]
    })
  )
