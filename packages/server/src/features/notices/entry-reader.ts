import type { Budgets } from '../../core/base/budgets.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { Commits } from '../../core/commit/commits.ts'
import { entry } from '../../core/enrolment/decision/decision.ts'
import type { Placed } from '../../core/ports/store/list-page.ts'
import type { NoticeDocument, NoticeQueue, ReceiverDocument } from '../../core/ports/store/notice-queue.ts'
import { type SubjectEntry, storeSubject } from '../../core/ports/store/timeline.ts'
import { receiverState } from './receiver-state.ts'

export interface ReaderParts {
  queue: NoticeQueue
  commits: Pick<Commits, 'append'>
  clock: Clock
  budget: Pick<Budgets['notices'], 'page' | 'unsaved'>
}

/** Result of a page that was read. */
export interface Taken {
  /** Place of the last entry that was taken. The page was taken to its end if absent. */
  through?: number
  /** Notices that the entries make, and how many make none any more. They are committed together with the place. */
  notices?: readonly NoticeDocument[]
  lost?: number
  /** The entries were sent somewhere by now, so the place is written soon. */
  sent?: boolean
}

/** Takes entries, the oldest first. Undefined if it cannot take them now: they are read again. */
export type Take = (page: readonly Placed<SubjectEntry>[], receiver: ReceiverDocument) => Promise<Taken | undefined>

/**
 * Reads the entries of all timelines for one receiver, in the order of their commits. The place up to which they were taken is in the
 * store that has the entries, so a crash, another server and a copy of the store go on from there.
 */
export class EntryReader {
  readonly #parts: ReaderParts
  readonly #name: string
  /** Place that was read up to and not written, since nothing came of what is before it. */
  #read = 0
  /** True once the store was found to have the place. Every place after it is one that was read there. */
  #isFitting = false

  constructor(name: string, parts: ReaderParts) {
    this.#name = name
    this.#parts = parts
  }

  /** Reads a page. Tells whether more may follow at once, nothing does, or the page was not taken. */
  async readOn(take: Take): Promise<'more' | 'end' | 'not taken'> {
    const { queue, commits, budget } = this.#parts
    const receiver = await this.#receiver()
    const page = await queue.entriesAfter(Math.max(receiver.place, this.#read), budget.page)
    const last = page.at(-1)?.place
    if (last === undefined) return 'end'
    const taken = await take(page, receiver)
    if (taken === undefined) return 'not taken'
    const { through: place = last, notices = [], lost = 0, sent = false } = taken
    const left = page.length === budget.page || place < last ? 'more' : 'end'
    const isOwed = notices.length > 0 || lost > 0
    // what is owed is read again if it could not be committed
    this.#read = isOwed ? 0 : place
    if (!isOwed && !sent && place - receiver.place < budget.unsaved) return left
    const document = { ...receiver, place, ...(lost > 0 && { lost: (receiver.lost ?? 0) + lost }) }
    const result = await commits.append({ queue: { receivers: [document], notices } })
    return result === 'committed' ? left : 'more'
  }

  /** The document of the receiver. A place that the store does not have is set to the end, with an alert: else nothing would be told. */
  async #receiver(): Promise<ReceiverDocument> {
    const { queue, commits, clock } = this.#parts
    for (;;) {
      const found = await receiverState(this.#parts, this.#name)
      const last = this.#isFitting ? found.place : await queue.lastPlace()
      this.#isFitting = found.place <= last
      if (this.#isFitting) return found
      const detail = `${this.#name} had read up to entry ${found.place}, and the store has ${last}: it goes on from there`
      const told = entry(clock.now(), 'server', 'receiver-ahead', detail, true)
      await commits.append({
        queue: { receivers: [{ ...found, place: last }] },
        entries: [{ subject: storeSubject, entry: told }]
      })
    }
  }
}
