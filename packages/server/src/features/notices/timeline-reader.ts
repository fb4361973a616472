import type { Budgets } from '../../core/base/budgets.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { Commits } from '../../core/commit/commits.ts'
import type { NoticeDocument } from '../../core/ports/store/notice-queue.ts'
import type { Store, SubjectEntry } from '../../core/ports/store/store.ts'
import { alertView } from '../../core/services/alerts.ts'
import { decideQueue, type NewNotice } from './decide-queue.ts'
import { alertBody, enrolmentBody, judgeEntry, mayTell, noticeId } from './notice-of.ts'
import type { Receiver } from './receiver.ts'
import { isGone, receiverState } from './receiver-state.ts'
import { eventLife } from './retry.ts'

interface Parts {
  store: Store
  commits: Pick<Commits, 'append'>
  clock: Clock
  budget: Budgets['notices']
}

/**
 * Reads the timelines into the queue of a receiver. The place up to which they were read is in the commit of the notices that
 * come of it, so a crash repeats the page or does not, and no event is in the queue twice.
 */
export class TimelineReader {
  readonly #parts: Parts
  /** Places that were read and not written, since no notice came of what is before them. */
  readonly #read = new Map<string, number>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Reads the next page of the timelines into the queue. Returns whether there may be more. */
  async readOn({ name, kinds, url }: Receiver): Promise<boolean> {
    const { store, commits, clock, budget } = this.#parts
    const state = await receiverState(this.#parts, name)
    const place = Math.max(state.place, this.#read.get(name) ?? 0)
    const page = await store.notices.entriesAfter(place, budget.page)
    const last = page.at(-1)?.place
    if (last === undefined) return false
    const now = clock.now()
    const entries = page.map(({ item }) => item).filter(({ entry }) => mayTell(entry))
    const news = (await Promise.all(entries.map((one) => this.#noticeOf(one, kinds)))).filter(
      (one) => one !== undefined
    )
    const isOff = isGone(state, url)
    const fresh = news.filter(({ at }) => !isOff && now.getTime() - Date.parse(at) < eventLife)
    const lost = news.length - fresh.length
    if (news.length === 0 && last - state.place < budget.unsaved) {
      this.#read.set(name, last)
      return page.length === budget.page
    }
    const notices = await this.#queue(name, fresh, now)
    const receivers = [{ ...state, place: last, ...(lost > 0 && { lost: (state.lost ?? 0) + lost }) }]
    this.#read.delete(name)
    const result = await commits.append({ queue: { receivers, notices } })
    return result !== 'committed' || page.length === budget.page
  }

  /** The notices to write for these events. */
  async #queue(receiver: string, news: readonly NewNotice[], now: Date): Promise<NoticeDocument[]> {
    const { store, budget } = this.#parts
    if (news.length === 0) return []
    const kinds = [...new Set(news.map(({ kind }) => kind))]
    const open = await Promise.all(kinds.map(async (kind) => [kind, await store.notices.open(receiver, kind)]))
    return decideQueue(news, {
      receiver,
      waiting: await store.notices.waiting(receiver),
      open: Object.fromEntries(open.filter(([, notice]) => notice !== undefined)),
      most: budget.waiting,
      now
    })
  }

  /** The notice of an entry for a receiver of these kinds. Undefined if there is none. */
  async #noticeOf(one: SubjectEntry, kinds: Receiver['kinds']): Promise<NewNotice | undefined> {
    const { store } = this.#parts
    const { subject, entry } = one
    const enrolment = await store.enrolment(subject)
    const kind = judgeEntry(entry, enrolment, kinds)
    if (kind === undefined) return undefined
    const common = { id: noticeId(one), kind, at: entry.at }
    if (kind !== 'alert' && enrolment !== undefined) return { ...common, body: enrolmentBody(kind, entry, enrolment) }
    return { ...common, body: alertBody(entry.at, await alertView(store, one)) }
  }
}
