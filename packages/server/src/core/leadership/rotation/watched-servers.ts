import type { Monotonic } from '../../base/clock.ts'
import { StartRefusal } from '../../base/start-refusal.ts'
import type { MacKeys } from '../../keys/mac.ts'
import { readWord } from '../authority-word.ts'
import type { WatchedServer } from '../decide-rotation.ts'
import { presenceTimes } from '../decide-servers.ts'
import { isProven } from '../presence-mac.ts'
import { isServer, type PresenceSight, sightsAfter } from '../presence-sights.ts'
import type { Presences } from '../presences.ts'

export interface WatchParts {
  presences: Pick<Presences, 'list'>
  /** URL of this server. */
  own: string
  /** The uid of the cluster, as `setup` fixed it. */
  cluster: () => Promise<string>
  monotonic: Monotonic
  /** Waits so many milliseconds. */
  sleep: (milliseconds: number) => Promise<void>
}

/** The other servers as a command sees them that looks for a while, as servers look at each other. */
export class WatchedServers {
  readonly #parts: WatchParts
  #sights = new Map<string, PresenceSight>()
  #begun: number | undefined

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Looks once. One look alone does not tell which of them are there. Throws `StartRefusal` if they cannot be listed. */
  async look(keys: MacKeys): Promise<WatchedServer[]> {
    const { presences, own, cluster, monotonic } = this.#parts
    const uid = await cluster()
    const found = await presences.list().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      throw new StartRefusal(`the other servers cannot be listed (${reason})`, 'try again when the cluster answers')
    })
    const now = monotonic()
    this.#begun ??= now
    this.#sights = sightsAfter(
      this.#sights,
      found.map((seen) => ({ seen, isProven: isProven(uid, seen, keys) })),
      now
    )
    return [...this.#sights.values()]
      .filter((sight) => isServer(sight) && sight.seen.address !== own)
      .map(({ seen, since }) => ({
        url: seen.address,
        word: readWord(seen.authority),
        isThere: this.#isThere(since, now)
      }))
  }

  /** Waits before the next look. */
  async pause(): Promise<void> {
    await this.#parts.sleep(between)
  }

  #isThere(since: number, now: number): boolean | undefined {
    if (now - since >= presenceTimes.awayAfter) return false
    // what the first look found may be as old as it likes
    return since === this.#begun ? undefined : true
  }
}

/** Pause between two looks in milliseconds. */
const between = 2_000
