import {
  type Changed,
  type Enrolment,
  type EventName,
  type EventsQuery,
  fitsFilters,
  isAsked,
  ProblemError
} from '@joinery/protocol'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Monotonic } from '../../core/base/clock.ts'
import { Nap } from '../../core/base/nap.ts'
import type { Random } from '../../core/base/random.ts'
import { type Committed, enrolmentsIn } from '../../core/commit/commits.ts'
import type { Leadership } from '../../core/leadership/leadership.ts'
import type { Events } from '../../core/ports/events.ts'
import { Places } from './places.ts'

export interface StreamParts {
  /** The enrolment as the list shows it now. */
  read: (id: string) => Promise<Enrolment | undefined>
  /** Resolves when whatever looks different from now on is noted. */
  settled: () => Promise<void>
  leadership: () => Pick<Leadership, 'holds'>
  random: Random
  monotonic: Monotonic
  budget: Budgets['events']
}

/** One who follows. `due`: the enrolments that it has to be told of. `isLost`: too many are due, so it has to look at all. */
interface Reader {
  due: Set<string>
  isLost: boolean
  nap: Nap
}

/**
 * Tells those who follow of each enrolment that changed, as it is when the reader takes it. So whatever a reader does, the server
 * remembers no more of it than ids.
 */
export class ChangeStream implements Events {
  readonly #parts: StreamParts
  readonly #places: Places
  readonly #readers = new Set<Reader>()

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.#places = new Places(parts.random, parts.budget.remembered)
  }

  /** True if anybody follows. */
  get isFollowed(): boolean {
    return this.#readers.size > 0
  }

  /** Takes up what a commit wrote or deleted. */
  take({ change }: Committed): void {
    for (const id of enrolmentsIn(change)) this.note(id)
  }

  /** Notes that the enrolment may look different from now on. */
  note(id: string): void {
    this.#places.note(id)
    for (const reader of this.#readers) this.#owe(reader, id)
  }

  follow(query: EventsQuery, after: string | undefined, signal: AbortSignal): AsyncIterable<string> {
    if (this.#readers.size >= this.#parts.budget.readers) {
      const detail = `${this.#readers.size} follow the enrolments already`
      throw new ProblemError('too-many-requests', { detail }, { retryAfter: 5 })
    }
    const missed = after === undefined ? [] : this.#places.after(after)
    const reader: Reader = { due: new Set(missed), isLost: missed === undefined, nap: new Nap() }
    this.#readers.add(reader)
    const leave = (): void => {
      this.#readers.delete(reader)
      reader.nap.wake()
    }
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    return this.#tell(reader, query, signal)
  }

  #owe(reader: Reader, id: string): void {
    if (reader.due.size >= this.#parts.budget.remembered) {
      reader.due.clear()
      reader.isLost = true
    }
    if (!reader.isLost) reader.due.add(id)
    reader.nap.wake()
  }

  async *#tell(reader: Reader, query: EventsQuery, signal: AbortSignal): AsyncGenerator<string> {
    const { settled, leadership } = this.#parts
    try {
      await settled()
      if (!reader.isLost) yield eventOf('begin', nothing, reader.due.size === 0 ? this.#places.last : undefined)
      while (!signal.aborted && leadership().holds()) {
        const text = await this.#next(reader, query, signal)
        if (text !== '' && !signal.aborted) yield text
      }
    } catch (error) {
      // nobody reads any more, and a server that ends has closed its store
      if (!signal.aborted) throw error
    }
  }

  /** The next text for a reader. Empty if nothing of what is due is asked for. */
  async #next(reader: Reader, query: EventsQuery, signal: AbortSignal): Promise<string> {
    const { last } = this.#places
    if (reader.isLost) {
      reader.isLost = false
      return eventOf('reset', nothing, last)
    }
    const ids = [...reader.due].slice(0, this.#parts.budget.batch)
    if (ids.length === 0) return this.#wait(reader, signal)
    for (const id of ids) reader.due.delete(id)
    const changed = await this.#changed(ids, query)
    if (changed.enrolments.length + changed.gone.length === 0) return ''
    // who reads on from the id of a part would miss the rest
    return eventOf('changed', changed, reader.due.size === 0 && !reader.isLost ? last : undefined)
  }

  /** Waits until something is due, or until a word is. */
  async #wait({ due, nap }: Reader, signal: AbortSignal): Promise<string> {
    const { monotonic, budget } = this.#parts
    const { heartbeat, gather } = budget
    const began = monotonic()
    await nap.sleep(heartbeat, signal)
    // it may have been woken for what is told by now
    if (due.size === 0) return monotonic() - began < heartbeat / 2 ? '' : ':\n\n'
    // what changes together is told together
    await new Nap().sleep(gather, signal)
    return ''
  }

  async #changed(ids: readonly string[], query: EventsQuery): Promise<Changed> {
    const changed: Changed = { enrolments: [], gone: [] }
    for (const id of ids) {
      const listed = await this.#parts.read(id)
      if (listed === undefined) changed.gone.push(id)
      else if (fitsFilters(listed, query) && isAsked(query.state, listed.state)) changed.enrolments.push(listed)
      else if (fitsFilters(listed, query)) changed.gone.push(id)
    }
    return changed
  }
}

/** Data of an event that names no enrolment. */
const nothing: Changed = { enrolments: [], gone: [] }

const eventOf = (name: EventName, data: Changed, id: string | undefined): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
