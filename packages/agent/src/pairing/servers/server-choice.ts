import { isDeepStrictEqual } from 'node:util'
import { minute } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../program/clock.ts'
import { type NoResult, Refused, saysWhen, Unreachable } from '../pairing-server.ts'
import { afterMeetingServer, afterNaming, askable, type KnownServers, type LearnedServer } from './known-servers.ts'
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

/** Milliseconds after which the servers of the configuration are asked again, while a learned one answers. */
const lookAgain = 10 * minute

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
  /** Time since which no server of the configuration was active, as far as they were asked. Undefined if one was, the last time. */
  #silentSince: number | undefined
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
    return askable(this.#known).map((url) => ({
      url,
      inUse: url === this.#inUse,
      ...given({ tried: this.#tries.get(url) })
    }))
  }

  /** Takes the learned servers that were kept. */
  remember(learned: readonly LearnedServer[]): void {
    this.#know({ ...this.#known, learned })
  }

  /** Takes note that the server at this URL has proven to have the key of this pin, and named these, if it named any. */
  heard(url: string, pin: string, named: readonly string[] | undefined): void {
    const known = named === undefined ? this.#known : afterNaming(this.#known, named, url, this.#now())
    this.#know(afterMeetingServer(known, url, pin))
  }

  #know(known: KnownServers): void {
    const before = askable(this.#known)
    this.#known = known
    const now = askable(known)
    if (isDeepStrictEqual(now, before)) return
    for (const url of this.#tries.keys()) if (!now.includes(url)) this.#tries.delete(url)
    this.#left = this.#left?.filter((url) => now.includes(url))
    if (now.includes(this.#inUse)) this.#parts.changed(this.servers)
    else this.#ask(known.configured[0])
  }

  /** Takes note that this server answered. */
  answered(url: string): void {
    this.#note(url, { was: 'active', at: this.#now() })
    if (this.#isConfigured(url)) this.#silentSince = undefined
    if (url !== this.#inUse) return
    this.#left = undefined
    this.#failed = []
    const { configured } = this.#known
    const triedAt = Math.max(...configured.map((own) => this.#tries.get(own)?.at ?? 0))
    if (this.#isConfigured(url) || this.#now() - triedAt < lookAgain) return
    this.#left = [...configured.slice(1), url]
    this.#ask(configured[0])
  }

  /** Takes note that this server gave no result, and chooses another one if that may help. Returns the error for the caller. */
  failed(url: string, error: NoResult): NoResult {
    if (!asksElsewhere(error)) {
      this.answered(url)
      return error
    }
    const was = error instanceof Refused ? 'standby' : 'away'
    const why = was === 'standby' ? `${url} is not the active server` : error.message
    this.#note(url, { was, at: this.#now(), why, ...(error.silent && { silent: true }) })
    if (this.#isConfigured(url)) this.#silentSince ??= this.#now()
    const said = was === 'standby' ? new Unreachable(why, { retryAfter: error.retryAfter, next: 'soon' }) : error
    // another call of this process has gone on already
    if (url !== this.#inUse) return goingOn(said)
    this.#failed.push(said)
    this.#left ??= this.#round().filter((other) => other !== url)
    // the others that stand by know no more
    if (was === 'standby' && saysWhen(error)) this.#left = this.#left.filter((other) => !this.#stoodBy(other))
    const next = this.#left.shift()
    if (next !== undefined) {
      this.#ask(next)
      return goingOn(said)
    }
    return this.#endRound()
  }

  #now(): number {
    return this.#parts.clock.monotonic()
  }

  #isConfigured(url: string): boolean {
    return this.#known.configured.includes(url)
  }

  #stoodBy(url: string): boolean {
    return this.#tries.get(url)?.was === 'standby'
  }

  #round(): string[] {
    return planRound(this.#known, this.#tries, this.#now(), this.#silentSince)
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
    if (askable(this.#known).includes(url)) this.#tries.set(url, tried)
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
