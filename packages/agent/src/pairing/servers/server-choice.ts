import { readServersHeader } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../program/clock.ts'
import { type NoResult, Refused, Unreachable } from '../pairing-server.ts'
import { allOf, type KnownServers, withNamed } from './known-servers.ts'
import { planRound, type Tried } from './plan-round.ts'

/** A server as it was seen last. */
export interface SeenServer {
  url: string
  /** True for the server that the agent asks now. */
  inUse: boolean
  /** Absent if it was not tried yet. */
  tried?: Tried
}

export interface ChoiceParts {
  clock: Pick<Clock, 'monotonic'>
  /** Called when a server is seen in another condition, or another one is asked. */
  changed: (servers: readonly SeenServer[]) => void
  /** Called when a server is seen in another condition than before. */
  told: (url: string, tried: Tried) => void
}

/**
 * Choice of the server that the agent asks. It stays at one that answers, and goes through the others in rounds if none does. There is one
 * choice in a process: whoever asks, asks the same server.
 */
export class ServerChoice {
  readonly #parts: ChoiceParts
  #known: KnownServers
  #inUse: string
  /** The servers of this round that were not tried yet. Undefined if no round is under way. */
  #left: string[] | undefined
  /** The reasons of this round. */
  #failed: NoResult[] = []
  readonly #tries = new Map<string, Tried>()

  constructor(configured: readonly [string, ...string[]], parts: ChoiceParts) {
    this.#parts = parts
    this.#known = { configured, learned: [] }
    this.#inUse = configured[0]
  }

  get inUse(): string {
    return this.#inUse
  }

  get known(): KnownServers {
    return this.#known
  }

  get servers(): SeenServer[] {
    return allOf(this.#known).map((url) => ({
      url,
      inUse: url === this.#inUse,
      ...given({ tried: this.#tries.get(url) })
    }))
  }

  /** Learns the servers that are named. Returns those that are learned now, if they have changed. */
  learn(named: readonly string[]): readonly string[] | undefined {
    const known = withNamed(this.#known, named)
    if (known === this.#known) return undefined
    this.#known = known
    const all = new Set(allOf(known))
    for (const url of this.#tries.keys()) if (!all.has(url)) this.#tries.delete(url)
    this.#parts.changed(this.servers)
    return known.learned
  }

  /** Learns from the header of an answer. */
  hear(header: unknown): readonly string[] | undefined {
    return this.learn(readServersHeader(header))
  }

  /** Takes note that this server answered. */
  answered(url: string): void {
    this.#note(url, { was: 'active', at: this.#parts.clock.monotonic() })
    if (url !== this.#inUse) return
    this.#left = undefined
    this.#failed = []
  }

  /** Takes note that this server gave no result, and chooses another one if that may help. Returns the error for the caller. */
  failed(url: string, error: NoResult): NoResult {
    if (!asksElsewhere(error)) {
      this.answered(url)
      return error
    }
    const was = error instanceof Refused ? 'standby' : 'away'
    const why = was === 'standby' ? `${url} is not the active server` : error.message
    this.#note(url, { was, at: this.#parts.clock.monotonic(), why, ...(error.silent && { silent: true }) })
    const said = was === 'standby' ? new Unreachable(why, { retryAfter: error.retryAfter, next: 'soon' }) : error
    // another call of this process has gone on already
    if (url !== this.#inUse) return goingOn(said)
    this.#failed.push(said)
    this.#left ??= this.#round().filter((other) => other !== url)
    const next = this.#left.shift()
    if (next !== undefined) {
      this.#ask(next)
      return goingOn(said)
    }
    return this.#endRound()
  }

  #round(): string[] {
    return planRound(this.#known, this.#tries, this.#parts.clock.monotonic())
  }

  /** Ends the round, after which the agent waits. The next one begins anew. */
  #endRound(): NoResult {
    const failed = this.#failed
    const [first = this.#inUse, ...rest] = this.#round()
    this.#failed = []
    this.#left = rest
    this.#ask(first)
    const [only] = failed
    if (failed.length === 1 && only !== undefined) return only
    const standing = failed.filter(({ next }) => next === 'soon')
    const retryAfter = standing.length > 0 ? Math.min(...standing.map((error) => error.retryAfter)) : 0
    const reasons = failed.map(({ message }) => message).join('; ')
    return new Unreachable(`no server is active: ${reasons}`, {
      retryAfter,
      ...(standing.length > 0 && { next: 'soon' })
    })
  }

  #ask(url: string): void {
    if (url === this.#inUse) return
    this.#inUse = url
    this.#parts.changed(this.servers)
  }

  #note(url: string, tried: Tried): void {
    const before = this.#tries.get(url)
    if (allOf(this.#known).includes(url)) this.#tries.set(url, tried)
    if (before?.was === tried.was && before.why === tried.why) return
    this.#parts.told(url, tried)
    this.#parts.changed(this.servers)
  }
}

/** True if another server may answer what this one did not. One that answers, whatever it says, is the one to ask. */
const asksElsewhere = (error: NoResult): boolean =>
  error instanceof Refused ? error.code === 'not-active' : error.next !== 'here'

const goingOn = (error: NoResult): NoResult =>
  new Unreachable(error.message, { cause: error.cause, retryAfter: error.retryAfter, next: 'elsewhere' })
