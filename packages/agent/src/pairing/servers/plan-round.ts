import { second } from '@joinery/protocol'
import { askable, type KnownServers } from './known-servers.ts'

/** The outcome of the last try at a server. */
export interface Tried {
  /** - active: it answered. - standby: it said that another one is active. - away: no answer that can be trusted came. */
  was: 'active' | 'standby' | 'away'
  /** Monotonic milliseconds at which the try ended. */
  at: number
  /** True if the try took long, because nothing came back at all. */
  silent?: boolean
  /** The reason in plain words, unless it is active. */
  why?: string
}

/**
 * Most servers in one round that only a server has named. A server that was taken over may name machines that swallow each connection:
 * they must not keep the agent from those of its configuration for long.
 */
export const learnedInRound = 4

/**
 * Milliseconds for which no server of the configuration was active, before one is asked that only a server has named.
 */
export const silence = 60 * second

/** Milliseconds for which a server that was silent is left alone, while another one answers. */
export const rest = 15 * second

/**
 * The servers to try, one after the other, until one is active. The servers of the configuration come first, those that answered last time
 * before the others. Then come the learned ones that wait longest for their turn, if no configured one was active for a while.
 * `silentSince`: monotonic milliseconds since which none was. Undefined if one is, for all that is known.
 */
export const planRound = (
  known: KnownServers,
  tries: ReadonlyMap<string, Tried>,
  now: number,
  silentSince: number | undefined
): string[] => {
  const answers = (url: string): boolean => (tries.get(url)?.was ?? 'away') !== 'away'
  const triedAt = (url: string): number => tries.get(url)?.at ?? 0
  const { configured } = known
  const learned = askable(known).slice(configured.length)
  const isSilent = silentSince !== undefined && now - silentSince >= silence
  const round = [
    ...configured.filter(answers),
    ...configured.filter((url) => !answers(url)),
    ...(isSilent ? learned.toSorted((one, other) => triedAt(one) - triedAt(other)).slice(0, learnedInRound) : [])
  ]
  const rests = (url: string): boolean => tries.get(url)?.silent === true && now - triedAt(url) < rest
  return round.some(answers) ? round.filter((url) => !rests(url)) : round
}
