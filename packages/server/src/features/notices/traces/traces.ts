import { given } from '@joinery/protocol/given'
import type { Budgets } from '../../../core/base/budgets.ts'
import type { Clock } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import { Nap } from '../../../core/base/nap.ts'
import type { Random } from '../../../core/base/random.ts'
import type { Commits } from '../../../core/commit/commits.ts'
import type { Placed } from '../../../core/ports/store/list-page.ts'
import type { NoticeQueue } from '../../../core/ports/store/notice-queue.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import type { SubjectEntry } from '../../../core/ports/store/timeline.ts'
import { idle } from '../deliveries.ts'
import { EntryReader, type Taken } from '../entry-reader.ts'
import { keepTurning } from '../keep-turning.ts'
import { tracesName } from '../receiver-state.ts'
import { eventLife, pauseAfter, until } from '../retry.ts'
import type { Answered, Send } from '../send.ts'
import { endsPart, type Part, spansOf } from './spans-of.ts'

/** The collector that gets the traces. */
export interface Collector {
  url: URL
  certificateAuthority?: string
  onlyHere: boolean
}

interface Parts {
  store: Store
  queue: NoticeQueue
  commits: Pick<Commits, 'append'>
  clock: Clock
  random: Random
  log: Logger
  send: Send
  collector: Collector | undefined
  budget: Budgets['notices']
}

/** Most parts of traces in one request. */
const partsAtMost = 50

/**
 * Sends a trace of each join to a collector, once the join is over. The timelines are the queue, as for notices: the place up to
 * which they were read moves when the collector has taken a request, so a restart goes on with the same traces and the same span
 * ids. A collector that is away costs one request in five minutes, and nothing is written.
 */
export class Traces {
  readonly #parts: Parts
  readonly #nap = new Nap()
  readonly #reader: EntryReader
  #failing: { times: number; until: string } | undefined
  #counts = { sent: 0, lost: 0 }

  constructor(parts: Parts) {
    this.#parts = parts
    this.#reader = new EntryReader(tracesName, parts)
  }

  /** Follows the timelines until `signal`, if there is a collector. Resolves when no request is under way any more. */
  async start(signal: AbortSignal): Promise<void> {
    const { collector, budget, log } = this.#parts
    if (collector === undefined) return
    const turn = (signal: AbortSignal) => this.turn(collector, signal)
    await keepTurning({ ...budget, turn, nap: this.#nap, name: tracesName, log }, signal)
  }

  /** Says that the timelines have something new. */
  nudge(): void {
    this.#nap.wake()
  }

  /** Parts of traces since the start of the server. Undefined if there is no collector. Metrics count by this. */
  counts(): { sent: number; lost: number; failing: boolean } | undefined {
    return this.#parts.collector && { ...this.#counts, failing: this.#failing !== undefined }
  }

  /** Reads a page of the timelines, and sends what ended in it. Returns milliseconds until there is something to do. */
  async turn(collector: Collector, signal: AbortSignal): Promise<number> {
    const rest = this.#failing === undefined ? 0 : until(this.#failing.until, this.#parts.clock.now())
    if (rest > 0) return rest
    const read = await this.#reader.readOn((page) => this.#take(page, collector, signal))
    return read === 'end' || signal.aborted ? idle : 0
  }

  /** Sends the parts that ended in a page, as many as one request takes. Undefined if the collector has to get them once more. */
  async #take(
    page: readonly Placed<SubjectEntry>[],
    collector: Collector,
    signal: AbortSignal
  ): Promise<Taken | undefined> {
    const now = this.#parts.clock.now().getTime()
    const ended = page.filter(({ item }) => endsPart(item.entry))
    const some = ended.slice(0, partsAtMost)
    const young = some.map(({ item }) => item).filter(({ entry }) => now - Date.parse(entry.at) < eventLife)
    const parts = (await Promise.all(young.map((one) => this.#partOf(one)))).filter((part) => part !== undefined)
    const sent = parts.length > 0
    if (sent) {
      const answered = await this.#send(collector, parts, signal)
      if (signal.aborted || !this.#isSettled(answered, parts.length)) return undefined
    }
    this.#counts.lost += some.length - young.length
    return { sent, ...given({ through: some.length < ended.length ? some.at(-1)?.place : undefined }) }
  }

  async #partOf({ subject, entry }: SubjectEntry): Promise<Part | undefined> {
    const { store } = this.#parts
    const enrolment = await store.enrolment(subject)
    if (enrolment === undefined) return undefined
    const [code, timeline] = await Promise.all([store.code(enrolment.code), store.timeline(subject)])
    return spansOf({ enrolment, code, timeline, end: entry })
  }

  async #send({ url, certificateAuthority, onlyHere }: Collector, parts: readonly Part[], signal: AbortSignal) {
    const { send, budget } = this.#parts
    const headers = { 'content-type': 'application/json' }
    // who sends no traces loads no OpenTelemetry
    const { otlpRequest } = await import('./otlp.ts')
    const body = otlpRequest(parts)
    return send({ url, headers, body, onlyHere, timeout: budget.timeout, ...given({ certificateAuthority }) }, signal)
  }

  /** True if the request need not be sent again: the collector took it, or will never take it. */
  #isSettled(answered: Answered, count: number): boolean {
    const { clock, random, log } = this.#parts
    const status = 'status' in answered ? answered.status : 0
    if (status >= 200 && status < 300) {
      if (this.#failing !== undefined) log.info({}, 'the collector takes traces again')
      this.#failing = undefined
      this.#counts.sent += count
      return true
    }
    const reason = 'failure' in answered ? answered.failure : `answered ${status}`
    // by the specification of OTLP only these may be sent again
    if (status >= 400 && ![429, 502, 503, 504].includes(status)) {
      log.warn({ reason, traces: count }, 'the collector refused traces')
      this.#counts.lost += count
      return true
    }
    if (this.#failing === undefined) log.warn({ reason }, 'the collector did not take traces')
    const times = (this.#failing?.times ?? 0) + 1
    const asked = 'retryAfter' in answered ? answered.retryAfter : 0
    const chance = Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32
    const until = clock.now().getTime() + pauseAfter(times, chance, asked)
    this.#failing = { times, until: new Date(until).toISOString() }
    return false
  }
}
