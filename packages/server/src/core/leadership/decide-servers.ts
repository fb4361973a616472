import { type ServerStatus, serversAtMost } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type AuthorityWord, readWord } from './authority-word.ts'
import { isServer, type PresenceSight } from './presence-sights.ts'
import { presenceName, type SeenPresence } from './presences.ts'

/** Times of servers' Leases in milliseconds. */
export const presenceTimes = {
  /** Pause between two renewals. */
  renewEach: 10_000,
  /** Time without a change after which a server counts as away. */
  awayAfter: 30_000,
  /** Time without a change after which a server is forgotten: until then agents still try it. */
  forgottenAfter: 3_600_000
} as const

export interface ServersSituation {
  sights: readonly PresenceSight[]
  /** Now, by the monotonic clock of this process. */
  now: number
  /** Now, by the wall clock, to say when a server was seen. */
  wall: Date
  /** URL of this server. */
  own: string
  /** Word of this server on its CA. */
  authority: AuthorityWord
  /** URL of the active server, as the Lease of all says it. Undefined if this server knows of none. It brings nobody into the list. */
  active: string | undefined
}

export interface Servers {
  /** Servers of this installation, the active one first, then by their URL. */
  servers: ServerStatus[]
  /** Leases of servers that have been away for too long. */
  forgotten: SeenPresence[]
}

/**
 * The servers that this one knows: itself, and those that have proven that they have its keys. A Lease that does not fit its name, or whose
 * URL machines could not use, is nobody's. If there are more than a list may have, those that are there come before those that are away.
 */
export const decideServers = ({ sights, now, wall, own, authority, active }: ServersSituation): Servers => {
  const age = ({ since }: PresenceSight): number => now - since
  const kept = sights.filter((sight) => isServer(sight) && age(sight) < presenceTimes.forgottenAfter)
  const others = kept
    .filter(({ seen }) => seen.address !== own)
    .map(
      (sight): ServerStatus => ({
        url: sight.seen.address,
        state: stateOf(sight.seen.address, active, age(sight) < presenceTimes.awayAfter),
        seen: new Date(wall.getTime() - age(sight)).toISOString(),
        ...pinsOf(readWord(sight.seen.authority))
      })
    )
  const itself: ServerStatus = {
    url: own,
    state: stateOf(own, active, true),
    seen: wall.toISOString(),
    ...pinsOf(authority)
  }
  const all: ServerStatus[] = [itself, ...others]
  const first = (one: ServerStatus): number => (one === itself ? -1 : order.indexOf(one.state))
  return {
    servers: all
      .toSorted((a, b) => first(a) - first(b) || compare(a.url, b.url))
      .slice(0, serversAtMost)
      .toSorted((a, b) => activeFirst(a) - activeFirst(b) || compare(a.url, b.url)),
    // also those that are nobody's: they would be in the way of others for ever
    forgotten: sights
      .filter((sight) => age(sight) >= presenceTimes.forgottenAfter && sight.seen.name !== presenceName(own))
      .map(({ seen }) => seen)
  }
}

const pinsOf = (word: AuthorityWord | undefined): Pick<ServerStatus, 'pin' | 'nextPin'> =>
  given({ pin: word?.pin, nextPin: word?.next })

const order: readonly ServerStatus['state'][] = ['active', 'standby', 'away']

const stateOf = (url: string, active: string | undefined, isThere: boolean): ServerStatus['state'] =>
  url === active ? 'active' : isThere ? 'standby' : 'away'

const activeFirst = ({ state }: ServerStatus): number => (state === 'active' ? 0 : 1)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
