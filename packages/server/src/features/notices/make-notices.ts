import type { Budgets } from '../../core/base/budgets.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { NoticeDocument, NoticeQueue } from '../../core/ports/store/notice-queue.ts'
import type { Store } from '../../core/ports/store/store.ts'
import type { SubjectEntry } from '../../core/ports/store/timeline.ts'
import { alertView } from '../../core/services/alerts.ts'
import { decideQueue, type NewNotice } from './decide-queue.ts'
import type { Take } from './entry-reader.ts'
import { alertBody, enrolmentBody, judgeEntry, mayTell, noticeId } from './notice-of.ts'
import type { Receiver } from './receiver.ts'
import { isGone } from './receiver-state.ts'
import { eventLife } from './retry.ts'

interface Parts {
  store: Store
  queue: NoticeQueue
  clock: Clock
  budget: Budgets['notices']
}

/** Makes the notices of entries that a receiver wants. No event is in the queue twice, however often its entry is read. */
export const makeNotices =
  (parts: Parts, { name, kinds, url }: Receiver): Take =>
  async (page, state) => {
    const now = parts.clock.now()
    const entries = page.map(({ item }) => item).filter(({ entry }) => mayTell(entry))
    const news = (await Promise.all(entries.map((one) => noticeOf(parts.store, one, kinds)))).filter(
      (one) => one !== undefined
    )
    const isOff = isGone(state, url)
    const fresh = news.filter(({ at }) => !isOff && now.getTime() - Date.parse(at) < eventLife)
    return { notices: await toQueue(parts, name, fresh, now), lost: news.length - fresh.length }
  }

/** The notices to write for these events. */
const toQueue = async (
  { queue, budget }: Parts,
  receiver: string,
  news: readonly NewNotice[],
  now: Date
): Promise<NoticeDocument[]> => {
  if (news.length === 0) return []
  const kinds = [...new Set(news.map(({ kind }) => kind))]
  const open = await Promise.all(kinds.map(async (kind) => [kind, await queue.open(receiver, kind)]))
  return decideQueue(news, {
    receiver,
    waiting: await queue.waiting(receiver),
    open: Object.fromEntries(open.filter(([, notice]) => notice !== undefined)),
    most: budget.waiting,
    now
  })
}

/** The notice of an entry for a receiver of these kinds. Undefined if there is none. */
const noticeOf = async (store: Store, one: SubjectEntry, kinds: Receiver['kinds']): Promise<NewNotice | undefined> => {
  const { subject, entry } = one
  const enrolment = await store.enrolment(subject)
  const kind = judgeEntry(entry, enrolment, kinds)
  if (kind === undefined) return undefined
  const common = { id: noticeId(one), kind, at: entry.at }
  if (kind !== 'alert' && enrolment !== undefined) return { ...common, body: enrolmentBody(kind, entry, enrolment) }
  return { ...common, body: alertBody(entry.at, await alertView(store, one)) }
}
