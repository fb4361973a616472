import type { NoticeKind } from '@joinery/protocol'
import type { NoticeDocument } from '../../core/ports/store/notice-queue.ts'
import { collapsedBody, collapsedId } from './notice-of.ts'

/** A notice that an entry of a timeline makes. */
export interface NewNotice {
  id: string
  kind: NoticeKind
  body: string
  /** When it happened. */
  at: string
}

/** Everything that is known of a receiver's queue before new notices come in. */
export interface QueueState {
  receiver: string
  /** Number of notices that wait, by kind. */
  waiting: Readonly<Record<string, number>>
  /** The notice of each kind that can take up more events. */
  open: Readonly<Partial<Record<NoticeKind, NoticeDocument>>>
  /** Most notices of one kind that wait. */
  most: number
  now: Date
}

/**
 * The notices to write for new events. If more of one kind wait than may, one notice stands for all further ones. A flood of one
 * kind so pushes out no other kind, and the disk holds a known number.
 */
export const decideQueue = (
  news: readonly NewNotice[],
  { receiver, waiting, open, most, now }: QueueState
): NoticeDocument[] => {
  const at = now.toISOString()
  const counts = new Map<string, number>(Object.entries(waiting))
  const single: NoticeDocument[] = []
  const several = new Map<NoticeKind, NoticeDocument>()
  for (const { id, kind, body, at: happened } of news) {
    const count = counts.get(kind) ?? 0
    const fresh = { receiver, id, revision: 0, kind, body, since: at, due: at, tries: 0 }
    if (count < most) {
      counts.set(kind, count + 1)
      single.push(fresh)
      continue
    }
    const taken = several.get(kind) ?? open[kind]
    const [first, so] = taken === undefined ? [happened, 0] : [timestampOf(taken), taken.count ?? 0]
    several.set(kind, {
      ...(taken ?? { ...fresh, id: collapsedId(kind, id) }),
      count: so + 1,
      body: collapsedBody(kind, so + 1, first, happened)
    })
  }
  return [...single, ...several.values()]
}

/** Time of the first event that a notice stands for. */
const timestampOf = ({ body }: NoticeDocument): string => String(JSON.parse(body).timestamp)
