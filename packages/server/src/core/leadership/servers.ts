import type { ServerStatus } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { InjectionToken } from 'tsyringe'
import type { Clock, Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { MacKeys } from '../keys/mac.ts'
import { type AuthorityWord, readWord, wordText } from './authority-word.ts'
import { leaseTimes } from './decide-lease.ts'
import { aheadOf, type OtherServer, standsBy } from './decide-rotation.ts'
import { decideServers, presenceTimes } from './decide-servers.ts'
import type { Sleep } from './lease-keeper.ts'
import type { LeaseSpec } from './lease-objects.ts'
import { isProven, presenceMac } from './presence-mac.ts'
import { isServer, type PresenceSight, sightsAfter } from './presence-sights.ts'
import { type Presences, presenceName, type SeenPresence } from './presences.ts'

/** The servers of this installation, as this one knows them. */
export interface KnownServers {
  /** Each server with what it does now, the active one first. Empty if this server has its store for itself. */
  list(): ServerStatus[]
  /** URLs of all of them, the active one first. At least this server's own. */
  urls(): string[]
  /** URLs of all but this server. Undefined if it has not looked yet. */
  others(): string[] | undefined
}
export const KnownServers = Symbol('KnownServers') as InjectionToken<KnownServers>

/** The one server of an installation that keeps its store in a file. */
export const onlyServer = (address: string): KnownServers => ({
  list: () => [],
  urls: () => [address],
  others: () => []
})

/** Hears what the server at this address has of the log, by the text with which it says so. */
type HearLost = (address: string, text: string) => Promise<void>

interface Parts {
  presences: Presences
  own: Pick<LeaseSpec, 'holder' | 'address'>
  /** Word of this server on its CA. */
  authority: AuthorityWord
  /** URL of the active server, as the Lease says it. Undefined if this server knows of none. */
  active: () => string | undefined
  /** True if this server is the active one: it alone deletes what is forgotten. */
  holds: () => boolean
  /** Text that says what only this server has of the log. Undefined if there is nothing. */
  lost: () => string | undefined
  /** Hears, while this server is the active one, what another server has of the log. */
  heardLost: HearLost
  /** Hears after each look that this server must not be the active one, and why. */
  heardReplaced: (reason: string) => void
  masterKeys: MacKeys
  /** The uid of the cluster, as `setup` fixed it. */
  cluster: () => Promise<string>
  clock: Clock
  monotonic: Monotonic
  sleep: Sleep
  log: Pick<Logger, 'warn'>
}

/** Tries to hear the others before this server gives anything. They are no reason to serve nobody. */
const triesToHear = 5

/**
 * Says that this server is there, and knows which others are. A server is there if its Lease changes while this one looks: the
 * times in it are by another clock.
 */
export class AnnouncedServers implements KnownServers {
  readonly #parts: Parts
  #sights = new Map<string, PresenceSight>()
  /** Time of the last look, by the monotonic clock. */
  #looked: number | undefined
  #trouble: string | undefined
  /** Time at which this process announced itself first. */
  #since: string | undefined
  #early = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Announces and looks until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#early = new AbortController()
      await this.round()
      await this.#parts.sleep(presenceTimes.renewEach, AbortSignal.any([signal, this.#early.signal]))
    }
  }

  /** Announces this server again as soon as it may: it has something to say. */
  sayNow(): void {
    this.#early.abort()
  }

  /**
   * Hears what the others have of the log. A server that takes over does so before it gives anything. Rejects if `heard` does. A list of
   * the others that does not come is tried for some seconds.
   */
  async hear(heard: HearLost, signal: AbortSignal): Promise<void> {
    const { presences, sleep } = this.#parts
    for (let left = triesToHear; left > 0; left -= 1) {
      const found = await presences.list().catch((error: unknown) => this.#warn(error))
      if (found !== undefined) return this.#tell(found, heard)
      await sleep(leaseTimes.renewEach, signal)
    }
  }

  /** Tells what the others say that they have of the log, while this server is the active one. */
  async #tell(found: readonly SeenPresence[], heard: HearLost): Promise<void> {
    const { own, holds } = this.#parts
    for (const { address, lost } of found)
      if (holds() && lost !== undefined && address !== own.address) await heard(address, lost)
  }

  #warn(error: unknown): undefined {
    const reason = error instanceof Error ? error.message : String(error)
    if (this.#trouble === undefined)
      this.#parts.log.warn({ reason }, 'the servers of this installation cannot be listed')
    this.#trouble = reason
  }

  /** Announces this server once, and looks at the others. A failure is told of once, and the next round tries again. */
  async round(): Promise<void> {
    const { presences, own, authority, clock, holds, lost, heardLost, masterKeys } = this.#parts
    try {
      const cluster = await this.#parts.cluster()
      const said = { ...own, authority: wordText(authority) }
      await presences.announce(presenceName(own.address), this.#lease(clock.now().toISOString()), {
        mac: presenceMac(cluster, said, masterKeys),
        authority: said.authority,
        ...given({ lost: lost() })
      })
      const found = (await presences.list()).map((seen) => ({ seen, isProven: isProven(cluster, seen, masterKeys) }))
      this.#note(found)
      const { replaced } = this
      if (replaced !== undefined) this.#parts.heardReplaced(replaced)
      if (holds()) for (const one of this.#decide().forgotten) await presences.remove(one)
      await this.#tell(
        found.map(({ seen }) => seen),
        heardLost
      )
      this.#trouble = undefined
    } catch (error) {
      this.#warn(error)
    }
  }

  list(): ServerStatus[] {
    return this.#decide().servers
  }

  urls(): string[] {
    return this.list().map(({ url }) => url)
  }

  others(): string[] | undefined {
    return this.#looked === undefined ? undefined : this.urls().filter((url) => url !== this.#parts.own.address)
  }

  /** Reason why this server must not be the active one, whoever else is. Undefined if it may. */
  get replaced(): string | undefined {
    return standsBy(this.#parts.authority, this.#words())
  }

  /**
   * True if this server may tell machines what comes next: it has the CAs that the others have, and looked at them a moment ago. One whose
   * view is older may have missed a rotation, while the others count it as away.
   */
  get isAbreast(): boolean {
    const { authority, monotonic } = this.#parts
    const isFresh = this.#looked !== undefined && monotonic() - this.#looked < presenceTimes.awayAfter
    return isFresh && aheadOf(authority, this.#words()) === undefined
  }

  #words(): OtherServer[] {
    return [...this.#sights.values()]
      .filter((sight) => isServer(sight) && sight.seen.address !== this.#parts.own.address)
      .map(({ seen }) => ({ url: seen.address, word: readWord(seen.authority) }))
  }

  #lease(now: string): LeaseSpec {
    this.#since ??= now
    const seconds = presenceTimes.awayAfter / 1000
    return { ...this.#parts.own, term: 0, renewed: now, acquired: this.#since, seconds }
  }

  #note(found: readonly Omit<PresenceSight, 'since'>[]): void {
    this.#looked = this.#parts.monotonic()
    this.#sights = sightsAfter(this.#sights, found, this.#looked)
  }

  #decide(): ReturnType<typeof decideServers> {
    const { own, authority, active, clock, monotonic } = this.#parts
    return decideServers({
      sights: [...this.#sights.values()],
      now: monotonic(),
      wall: clock.now(),
      own: own.address,
      authority,
      active: active()
    })
  }
}
