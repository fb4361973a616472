import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswerCounts } from '@joinery/kube'
import { awaitsClaim, type JoinCounts, minute, type ProblemError, second } from '@joinery/protocol'
import type { Clock, Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Waiting } from '../commit/waiting.ts'
import { joinsFull, turnWords } from '../enrolment/facts/cluster.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Sights } from '../ports/store/sights.ts'
import type { Store } from '../ports/store/store.ts'
import { boundWindow, decideBound, hasTurn, inLine, isPresent, type Waiter } from './decide-joins.ts'

interface Parts {
  store: Pick<Store, 'enrolment'>
  sights: Pick<Sights, 'joins'>
  cluster: Pick<ApiSight, 'answers'>
  clock: Clock
  monotonic: Monotonic
  waiting: Pick<Waiting, 'has' | 'notify'>
  log: Logger
  /** Bound of the configuration. */
  most: number
}

/**
 * Longest time between two looks at the line while machines wait, in milliseconds. A commit that frees a place makes one sooner.
 * What no commit says is seen then: a deadline, a bound that has grown, a machine that was told to come and did not.
 */
const lookAgain = second

/** Time after which a machine that is not heard of is forgotten, in milliseconds. It is back in line by its next claim. */
const forgotten = 2 * minute

/** Pause between two looks in a row, in milliseconds. */
const rest = 100

type InLine = Pick<EnrolmentDocument, 'id' | 'key' | 'since'>

/**
 * Bounds the machines between claim and Ready. The places are counted from the store, so a restart keeps them. Memory has only who
 * waits, and the bound as the API server's answers moved it: both come again by themselves.
 */
export class Joins {
  readonly #parts: Parts
  readonly #waiters = new Map<string, Waiter>()
  /** Enrolments in line that have changed since the last look. */
  readonly #changed = new Set<string>()
  #bound: number
  #answers: AnswerCounts
  #judged: number
  #look: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    const { cluster, monotonic, most } = parts
    this.#parts = parts
    this.#bound = most
    this.#answers = cluster.answers()
    this.#judged = monotonic()
  }

  /** The bound now. */
  get bound(): number {
    return this.#bound
  }

  /** Judges the bound by the answers since it was judged last, once in `boundWindow` at most. Returns the bound. */
  #judgeBound(): number {
    const { cluster, monotonic, log, most } = this.#parts
    const windows = Math.floor((monotonic() - this.#judged) / boundWindow)
    if (windows < 1) return this.#bound
    const [before, answers] = [this.#answers, cluster.answers()]
    const since = (what: keyof AnswerCounts): number => answers[what] - before[what]
    const counts = { all: since('all'), slow: since('slow'), refused: since('refused') }
    const bound = decideBound(this.#bound, most, counts, windows)
    if (bound < this.#bound)
      log.warn({ bound, most, ...counts }, 'the API server has too much to do: fewer machines join at once')
    else if (bound > this.#bound) log.info({ bound, most }, 'more machines join at once again')
    this.#judged = monotonic()
    this.#answers = answers
    this.#bound = bound
    return bound
  }

  /** Throws `joins-full` if it is not the turn of this machine. Then the machine is in line. */
  async requireTurn(enrolment: InLine): Promise<void> {
    const atMost = this.#judgeBound()
    const joining = await this.#joining()
    const free = atMost - joining
    // the common case costs nothing, however many machines come at once
    if (free > this.#waiters.size) return
    const known = this.#waiters.has(enrolment.id)
    const seen = this.#wait(enrolment, { joining, atMost })
    if (!hasTurn(enrolment, this.#present(), free)) throw joinsFull(turnWords(seen))
    // it keeps its place in line until it joins, if it had one
    if (!known) this.#waiters.delete(enrolment.id)
  }

  /** Gives the problem of a machine whose turn it was, while others were faster. The machine is in line. */
  async missed(enrolment: InLine): Promise<ProblemError> {
    return joinsFull(turnWords(this.#wait(enrolment, { joining: await this.#joining(), atMost: this.bound })))
  }

  /** Notes that the enrolment of that id may have changed: a place may be free, or a machine does not wait any more. */
  note(id: string): void {
    this.#judgeBound()
    if (this.#waiters.size === 0) return
    if (this.#waiters.has(id)) this.#changed.add(id)
    void this.look()
  }

  /** Says what an approved machine waits for. Undefined if it does not wait for its turn. */
  turnOf(enrolment: Pick<EnrolmentDocument, 'id' | 'state' | 'since'>): string | undefined {
    const waiter = this.#waiters.get(enrolment.id)
    return awaitsClaim(enrolment) && waiter?.since === enrolment.since ? turnWords(waiter.seen) : undefined
  }

  /** Counts of the machines that join, and that wait for their turn. */
  async counts(): Promise<JoinCounts> {
    const { most } = this.#parts
    return {
      now: await this.#joining(),
      atMost: this.#judgeBound(),
      joinsAtOnce: most,
      waiting: this.#present().length
    }
  }

  /** Looks at the line now, and tells those whose turn it is to come. Looks that are asked for meanwhile are one more. */
  look(): Promise<void> {
    if (this.#look !== undefined) this.#again = true
    this.#look ??= this.#lookUntilDone().finally(() => {
      this.#look = undefined
      if (this.#waiters.size > 0) this.#lookLater()
    })
    return this.#look
  }

  async #lookUntilDone(): Promise<void> {
    try {
      do {
        if (this.#again) await sleep(rest)
        this.#again = false
        await this.#lookOnce()
      } while (this.#again)
    } catch (err) {
      // claims go on to look at the store themselves
      this.#parts.log.debug({ err }, 'who may join next is not known')
    }
  }

  async #lookOnce(): Promise<void> {
    const { store, monotonic, waiting } = this.#parts
    for (const id of [...this.#changed]) {
      this.#changed.delete(id)
      const enrolment = await store.enrolment(id)
      const waiter = this.#waiters.get(id)
      if (enrolment === undefined || !awaitsClaim(enrolment) || enrolment.since !== waiter?.since)
        this.#waiters.delete(id)
    }
    const joining = await this.#joining()
    const atMost = this.#judgeBound()
    const now = monotonic()
    for (const { id, heard } of this.#waiters.values()) if (now - heard > forgotten) this.#waiters.delete(id)
    const line = inLine(this.#present())
    for (const waiter of line) waiter.seen = { joining, atMost }
    for (const waiter of line.slice(0, Math.max(0, atMost - joining))) {
      // who has no poll was told already, or is about to claim
      if (waiter.woken !== undefined || !waiting.has(waiter.key)) continue
      waiter.woken = now
      waiting.notify(waiter.key)
    }
  }

  /** Puts the machine in line, at the place of its approval. */
  #wait({ id, key, since }: InLine, seen: Waiter['seen']): Waiter['seen'] {
    this.#waiters.set(id, { id, key, since, heard: this.#parts.monotonic(), seen })
    this.#lookLater()
    return seen
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.look()
    }, lookAgain).unref()
  }

  #joining(): Promise<number> {
    const { sights, clock } = this.#parts
    return sights.joins(clock.now())
  }

  #present(): Waiter[] {
    const { waiting, monotonic } = this.#parts
    const now = monotonic()
    return [...this.#waiters.values()].filter((waiter) => isPresent(waiter, waiting.has(waiter.key), now))
  }
}
