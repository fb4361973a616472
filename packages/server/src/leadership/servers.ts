import { type ServerStatus, serversAtMost } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { InjectionToken } from 'tsyringe'
import type { Clock, Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { MacKeys } from '../keys/mac.ts'
import { decideServers, type PresenceSight, presenceTimes } from './decide-servers.ts'
import type { Sleep } from './lease-keeper.ts'
import type { LeaseSpec } from './lease-objects.ts'
import { isProven, presenceMac } from './presence-mac.ts'
import { type Presences, presenceName } from './presences.ts'

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

interface Parts {
  presences: Presences
  own: Pick<LeaseSpec, 'holder' | 'address'>
  /** URL of the active server, as the Lease says it. Undefined if this server knows of none. */
  active: () => string | undefined
  /** True if this server is the active one: it alone deletes what is forgotten. */
  holds: () => boolean
  /** Text that says what only this server has of the log. Undefined if there is nothing. */
  lost: () => string | undefined
  /** Hears, while this server is the active one, what another server has of the log, as that one says. */
  heardLost: (address: string, text: string) => Promise<void>
  masterKeys: MacKeys
  /** The uid of the cluster, as `setup` fixed it. */
  cluster: () => Promise<string>
  clock: Clock
  monotonic: Monotonic
  sleep: Sleep
  log: Pick<Logger, 'warn'>
}

/** Most Leases that this server remembers. Nobody has as many servers. */
const rememberedAtMost = 4 * serversAtMost

/**
 * Says that this server is there, and knows which others are. A server is there if its Lease changes while this one looks: the
 * times in it are by another clock.
 */
export class AnnouncedServers implements KnownServers {
  readonly #parts: Parts
  #sights = new Map<string, PresenceSight>()
  #hasLooked = false
  #trouble: string | undefined
  /** Time at which this process announced itself first. */
  #since: string | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Announces and looks until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.round()
      await this.#parts.sleep(presenceTimes.renewEach, signal)
    }
  }

  /** Announces this server once, and looks at the others. A failure is told of once, and the next round tries again. */
  async round(): Promise<void> {
    const { presences, own, clock, holds, lost, heardLost, masterKeys, log } = this.#parts
    try {
      const cluster = await this.#parts.cluster()
      const said = { mac: presenceMac(cluster, own, masterKeys), ...given({ lost: lost() }) }
      await presences.announce(presenceName(own.address), this.#lease(clock.now().toISOString()), said)
      const listed = (await presences.list()).map((seen) => ({ seen, isProven: isProven(cluster, seen, masterKeys) }))
      // those of servers first: others may write more Leases than this server remembers
      const found = listed.toSorted((a, b) => Number(b.isProven) - Number(a.isProven)).slice(0, rememberedAtMost)
      this.#note(found)
      if (holds()) for (const one of this.#decide().forgotten) await presences.remove(one)
      for (const { seen: one } of found) {
        if (holds() && one.lost !== undefined && one.address !== own.address) await heardLost(one.address, one.lost)
      }
      this.#trouble = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (this.#trouble === undefined) log.warn({ reason }, 'the servers of this installation cannot be listed')
      this.#trouble = reason
    }
  }

  list(): ServerStatus[] {
    return this.#decide().servers
  }

  urls(): string[] {
    return this.list().map(({ url }) => url)
  }

  others(): string[] | undefined {
    return this.#hasLooked ? this.urls().filter((url) => url !== this.#parts.own.address) : undefined
  }

  #lease(now: string): LeaseSpec {
    this.#since ??= now
    const seconds = presenceTimes.awayAfter / 1000
    return { ...this.#parts.own, term: 0, renewed: now, acquired: this.#since, seconds }
  }

  #note(found: readonly Omit<PresenceSight, 'since'>[]): void {
    const now = this.#parts.monotonic()
    this.#hasLooked = true
    this.#sights = new Map(
      found.map(({ seen, isProven }) => {
        const before = this.#sights.get(seen.name)
        const since = before?.seen.version === seen.version ? before.since : now
        return [seen.name, { seen, isProven, since }]
      })
    )
  }

  #decide(): ReturnType<typeof decideServers> {
    const { own, active, clock, monotonic } = this.#parts
    return decideServers({
      sights: [...this.#sights.values()],
      now: monotonic(),
      wall: clock.now(),
      own: own.address,
      active: active()
    })
  }
}
