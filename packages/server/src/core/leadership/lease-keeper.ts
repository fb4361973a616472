import { setImmediate } from 'node:timers/promises'
import { serverUrl } from '@joinery/protocol'
import type { Logger } from '../base/log.ts'
import { elapsed, type ReadClocks, type Readings } from './clocks.ts'
import {
  decideLease,
  type LeaseAct,
  type LeaseSight,
  leaseTimes,
  released,
  tooLate,
  untilOver
} from './decide-lease.ts'
import { type Leadership, notActive } from './leadership.ts'
import type { LeaseObjects, LeaseSpec, SeenLease } from './lease-objects.ts'

/** Resolves after so many milliseconds, or when the signal aborts. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

interface Parts {
  objects: LeaseObjects
  /** Id of this process, and the URL of this server. */
  own: Pick<LeaseSpec, 'holder' | 'address'>
  clocks: ReadClocks
  sleep: Sleep
  log: Pick<Logger, 'info' | 'warn'>
  /** Called once if this server was the active one and is not any more. The process must end then. */
  lost: (reason: string) => void
  /** Hears that somebody else wrote the Lease while this server has it. The log may have been restored with it. */
  rewritten: () => void
  /** Hears of the Lease before this server takes it, and what it is about to write. If it rejects, the Lease is not taken. */
  taking: (found: LeaseSpec | undefined, lease: LeaseSpec) => Promise<void>
  /** True while this server must not take the Lease, whoever has it. */
  isBarred: () => boolean
}

/** Time that one call waits for its answer, in milliseconds. The call may still be carried out later. */
const patience = 2_000

/** Pause after a call of the active server that failed, in milliseconds. */
const retryEach = 500

/** Lateness of this process, in milliseconds, that is worth a word. */
const notable = 1_000

interface Held {
  term: number
  /** Clocks just before the last renewal that succeeded was sent. */
  renewed: Readings
}

/**
 * Waits for the Lease, and keeps it. `decideLease` decides; this class reads, writes and notes when. A renewal counts from the
 * moment before it was sent, because the API server may have carried it out at once. Leadership that was lost never comes back
 * to this process.
 */
export class LeaseKeeper implements Leadership {
  readonly #parts: Parts
  #sight: LeaseSight | undefined
  /** Time of the last look, by the monotonic clock. */
  #looked = 0
  #held: Held | undefined
  #highest = 0
  #renewal: LeaseSpec | undefined
  #tried: LeaseSpec | undefined
  #isOver = false
  /** Reasons why the last read and the last write failed. Reads say nothing of writes: an etcd that is full is read as ever. */
  readonly #troubles = new Map<'read' | 'write', string>()
  #troubledSince: number | undefined
  #pause: number = leaseTimes.renewEach
  /** The wait under way: when it began, and its longest time. */
  #wait: { from: Readings; atMost: number } | undefined
  /** Longest time since the last renewal by which a wait took longer than it may. */
  #late = 0
  readonly #end = new AbortController()
  #keeping: Promise<void> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The Lease as it was seen last. Undefined if none was seen. */
  get seen(): LeaseSpec | undefined {
    return this.#sight?.seen?.spec
  }

  /** The Lease as another server renewed it last, or gave it back, while this process looked. The holder is the one that did so. */
  get renewal(): LeaseSpec | undefined {
    return this.#renewal
  }

  /** Reason why the Lease cannot be written, or read. Undefined if it can, as far as this server has tried. */
  get trouble(): string | undefined {
    return this.#troubles.get('write') ?? this.#troubles.get('read')
  }

  /** Time since which there is trouble, in milliseconds by the wall clock. Undefined if there is none. */
  get troubledSince(): number | undefined {
    return this.#troubledSince
  }

  holds(): boolean {
    return this.left() > 0
  }

  left(): number {
    if (this.#isOver || this.#held === undefined) return 0
    const left = leaseTimes.giveUpAfter - this.#sinceRenewal()
    // a clock that cannot be read makes it no number
    if (!(left > 0)) return 0
    return left
  }

  require(): void {
    if (!this.holds()) throw notActive()
  }

  /** Reason why the Lease must be given up now. Undefined if it holds, or if it was lost or released before. */
  get reasonToGiveUp(): string | undefined {
    return this.#held === undefined || this.#isOver || this.holds() ? undefined : this.#because(tooLate)
  }

  /** URL of the server that has the Lease. Undefined if none has it, or if it is no URL: somebody may have written it. */
  get active(): string | undefined {
    const { seen } = this
    return seen === undefined || seen.holder === '' ? undefined : serverUrl(seen.address)
  }

  /** Milliseconds until the Lease of another server is over that seems to be gone. Undefined if none seems to be, or if this server cannot tell. */
  get untilOver(): number | undefined {
    if (this.#sight === undefined || this.#held !== undefined) return undefined
    return untilOver(this.#sight, this.#looked, this.#parts.clocks().monotonic)
  }

  /** Resolves when this server has the Lease. It keeps the Lease from then on. Returns false if `signal` aborted before. */
  async lead(signal: AbortSignal): Promise<boolean> {
    while (this.#held === undefined && !signal.aborted) {
      await this.#parts.sleep(await this.#standBy(), signal)
    }
    if (this.#held === undefined) return false
    this.#keeping = this.#keep()
    return true
  }

  /**
   * Gives the Lease back, so that another server takes it at once. It must be called after the last answer and the last call
   * of this server: from the beginning of this call on, the leadership does not hold.
   */
  async release(): Promise<void> {
    if (this.#held === undefined || this.#isOver) return
    this.#isOver = true
    this.#end.abort()
    await this.#keeping
    for (let tries = 2; tries > 0; tries -= 1) {
      const seen = this.#sight?.seen
      if (seen === undefined || !this.#isOwn(seen)) return
      const left = await this.#try('write', () => this.#parts.objects.write(released(seen, this.#wall()), seen.version))
      if (left !== undefined && left !== 'other') return
      // an earlier renewal may have come late
      if ((await this.#look()) === undefined) return
    }
  }

  /** Looks at the Lease, and takes it if it is over. Returns the pause until the next look. */
  async #standBy(): Promise<number> {
    const sight = await this.#look()
    if (sight === undefined) return leaseTimes.renewEach
    const act = this.#decide(sight)
    if (act.act === 'wait') {
      if (act.trouble !== undefined) this.#heard('write', act.trouble)
      return Math.min(act.milliseconds, leaseTimes.renewEach)
    }
    if (act.act !== 'give-up') await this.#write(act)
    return this.#held === undefined ? retryEach : 0
  }

  /** Renews the Lease until it is lost or released. Every wait is bounded, so the end is never noticed late. */
  async #keep(): Promise<void> {
    const { signal } = this.#end
    while (!this.#isOver) {
      const pause = Math.min(this.#pause, this.left())
      await this.#within(pause, this.#parts.sleep(pause, signal))
      if (!this.#isOver) await this.#renew()
    }
  }

  async #renew(): Promise<void> {
    const before = this.#parts.clocks()
    const act = this.#decide(this.#sight as LeaseSight)
    if (act.act === 'give-up') return this.#lose(act.reason)
    if (act.act === 'wait') return
    const known = this.#sight?.seen
    const isRenewed = await this.#write(act)
    if (this.#isOver) return
    if (!this.holds()) return this.#lose(tooLate)
    if (isRenewed) {
      this.#pause = Math.max(0, leaseTimes.renewEach - elapsed(before, this.#parts.clocks()))
      return
    }
    // somebody wrote, or nobody knows what became of the renewal: the next act goes by what is there now
    const sight = await this.#look()
    if (this.#isOver) return
    const next = sight === undefined ? undefined : this.#decide(sight)
    if (next?.act === 'give-up') this.#lose(next.reason)
    else if (isOlder(sight?.seen, known)) {
      this.#parts.log.warn('somebody else wrote the Lease of this server, which goes on: etcd may have been restored')
      this.#parts.rewritten()
    }
    this.#pause = retryEach
  }

  /** Writes the Lease. Returns true if it is this server's, as written. */
  async #write({ act, lease, version }: Extract<LeaseAct, { lease: LeaseSpec }>): Promise<boolean> {
    const renewed = this.#parts.clocks()
    if (act === 'take') {
      try {
        await this.#parts.taking(this.seen, lease)
      } catch (error) {
        this.#heard('write', error instanceof Error ? error.message : String(error))
        return false
      }
      this.#tried = lease
    }
    const written = await this.#try('write', () => this.#parts.objects.write(lease, version))
    if (written === undefined || written === 'other') return false
    this.#note(written)
    // an answer that comes late begins nothing, and revives nothing: by now others may have been told that this server does not lead
    const from = this.#held?.renewed ?? renewed
    if (!(elapsed(from, this.#parts.clocks()) < leaseTimes.giveUpAfter)) return false
    this.#held = { term: lease.term, renewed }
    this.#late = 0
    return true
  }

  /** Reads the Lease. Undefined if it cannot be read. */
  async #look(): Promise<LeaseSight | undefined> {
    const found = await this.#try('read', async () => ({ seen: await this.#parts.objects.read() }))
    return found === undefined ? undefined : this.#note(found.seen)
  }

  /** Notes what is there now. The time since which it is so counts from the first answer that had it. */
  #note(seen: SeenLease | undefined): LeaseSight {
    this.#looked = this.#parts.clocks().monotonic
    const isSame = this.#sight !== undefined && JSON.stringify(this.#sight.seen) === JSON.stringify(seen)
    if (!isSame) {
      this.#renewal = renewalBy(this.#sight?.seen?.spec, seen?.spec, this.#parts.own.holder) ?? this.#renewal
      this.#sight = { seen, since: this.#looked }
      // somebody wrote it
      this.#heard('write')
    }
    this.#highest = Math.max(this.#highest, seen?.spec.term ?? 0)
    return this.#sight as LeaseSight
  }

  #decide(sight: LeaseSight): LeaseAct {
    const { monotonic, wall } = this.#parts.clocks()
    return decideLease({
      sight,
      now: monotonic,
      wall: new Date(wall),
      own: this.#parts.own,
      held: this.#held?.term,
      sinceRenewal: this.#sinceRenewal(),
      highest: this.#highest,
      tried: this.#tried,
      isBarred: this.#parts.isBarred()
    })
  }

  #sinceRenewal(): number {
    return this.#held === undefined ? 0 : elapsed(this.#held.renewed, this.#parts.clocks())
  }

  #isOwn({ spec }: SeenLease): boolean {
    return spec.holder === this.#parts.own.holder && spec.term === this.#held?.term
  }

  #wall(): Date {
    return new Date(this.#parts.clocks().wall)
  }

  #lose(reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#end.abort()
    this.#parts.lost(this.#because(reason))
  }

  #because(reason: string): string {
    const late = this.#lateness()
    const parts = [reason, this.trouble]
    // a clock that cannot be read makes it no number
    if (late > notable)
      parts.push(
        `this process ran ${(late / 1000).toFixed(1)} s late (a busy host, one that stood still, or a clock that was set)`
      )
    return parts.filter((part) => part !== undefined).join(': ')
  }

  /** Milliseconds by which this process came late since the last renewal, to the wait under way too. */
  #lateness(): number {
    if (this.#wait === undefined) return this.#late
    const { from, atMost } = this.#wait
    return Math.max(this.#late, elapsed(from, this.#parts.clocks()) - atMost)
  }

  /** Waits for what ends within so many milliseconds, if this process runs in time. */
  async #within<T>(atMost: number, ending: Promise<T>): Promise<T> {
    this.#wait = { from: this.#parts.clocks(), atMost }
    try {
      return await ending
    } finally {
      this.#late = this.#lateness()
      this.#wait = undefined
    }
  }

  /** Does a call, and waits no longer for it than it may. Undefined if it failed, or if nobody knows what became of it. */
  async #try<T>(kind: 'read' | 'write', call: () => Promise<T>): Promise<T | undefined> {
    const done = new AbortController()
    try {
      const atMost = this.#patience()
      const late = this.#parts.sleep(atMost, done.signal).then(async () => {
        // on a busy host timers come first, and an answer that has arrived is read after them
        await setImmediate()
        throw new Error('no answer in time')
      })
      const answer = await this.#within(atMost, Promise.race([call(), late]))
      this.#heard(kind)
      return answer
    } catch (error) {
      this.#heard(kind, error instanceof Error ? error.message : String(error))
      return undefined
    } finally {
      done.abort()
    }
  }

  /** Notes why a call failed, or that it did not. Says so when trouble begins, and when it is over. */
  #heard(kind: 'read' | 'write', reason?: string): void {
    const wasTroubled = this.trouble !== undefined
    if (reason !== undefined) this.#troubles.set(kind, reason)
    else if (kind === 'read') this.#troubles.delete('read')
    // the active server reads no more once its writes are answered
    else this.#troubles.clear()
    const isTroubled = this.trouble !== undefined
    if (isTroubled === wasTroubled) return
    this.#troubledSince = isTroubled ? this.#parts.clocks().wall : undefined
    if (isTroubled) this.#parts.log.warn({ reason }, 'the Lease cannot be reached')
    else this.#parts.log.info('the Lease can be reached again')
  }

  /** Time to wait for an answer: the active server never waits beyond the moment at which it gives up. */
  #patience(): number {
    return this.#held === undefined || this.#isOver ? patience : Math.min(patience, this.left())
  }
}

/** The Lease as its holder, another server, renewed it or gave it back between two looks. Undefined if it did neither. */
const renewalBy = (before: LeaseSpec | undefined, now: LeaseSpec | undefined, own: string): LeaseSpec | undefined => {
  if (before === undefined || now === undefined || before.holder === '' || before.holder === own) return undefined
  const isTheirs = now.holder === before.holder || now.holder === ''
  if (!isTheirs || now.term !== before.term || now.renewed === before.renewed) return undefined
  return { ...now, holder: before.holder }
}

/** True if the Lease is another one, and was not renewed since. What this server itself wrote late is newer than what it knew. */
const isOlder = (seen: SeenLease | undefined, known: SeenLease | undefined): boolean =>
  seen !== undefined && seen.version !== known?.version && seen.spec.renewed <= (known?.spec.renewed ?? '')
