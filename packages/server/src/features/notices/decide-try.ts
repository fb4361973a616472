import { given } from '@joinery/protocol/given'
import type { NoticeDocument, QueueChange, ReceiverDocument } from '../../core/ports/store/notice-queue.ts'
import { nextTry, noticeLife, pauseAfter } from './retry.ts'
import type { Answered } from './send.ts'

/** Outcome of one try. */
export type Tried =
  | { delivered: true }
  | {
      delivered: false
      reason: string
      /** True if the receiver wants nothing more. */
      gone?: boolean
      /** Milliseconds that the receiver asks to be left alone. */
      retryAfter?: number
    }

/** The outcome of a try by its answer. Only 2xx is a delivery, and 410 ends the receiver. */
export const judgeAnswer = (answered: Answered): Tried => {
  if ('failure' in answered) return { delivered: false, reason: answered.failure }
  const { status, retryAfter } = answered
  if (status >= 200 && status < 300) return { delivered: true }
  const isRedirect = status >= 300 && status < 400
  return {
    delivered: false,
    reason: `answered ${status}${isRedirect ? ', and a redirect is not followed' : ''}`,
    ...(status === 410 && { gone: true }),
    ...given({ retryAfter })
  }
}

/** Everything that a try of a notice is decided on. */
export interface TryState {
  receiver: ReceiverDocument
  notice: NoticeDocument
  tried: Tried
  now: Date
  /** A number of chance in [0, 1). */
  random: number
  /** A hash of the receiver's URL. */
  url: string
}

/** The change of the queue after a try. */
export const decideTry = ({ receiver, notice, tried, now, random, url }: TryState): QueueChange => {
  const { failing, ...well } = receiver
  if (tried.delivered) return { sent: [notice], ...(failing !== undefined && { receivers: [well] }) }
  const failed = { ...notice, tries: notice.tries + 1, failure: tried.reason }
  const at = now.toISOString()
  if (tried.gone) {
    return { receivers: [{ ...well, gone: { at, url } }], notices: [{ ...failed, dead: at }] }
  }
  const times = (failing?.times ?? 0) + 1
  const until = now.getTime() + pauseAfter(times, random, tried.retryAfter)
  const next = nextTry(failed.tries, random)
  const isOver = next === undefined || now.getTime() - Date.parse(notice.since) >= noticeLife
  return {
    receivers: [
      {
        ...receiver,
        failing: { since: failing?.since ?? at, times, until: new Date(until).toISOString(), reason: tried.reason }
      }
    ],
    notices: [isOver ? { ...failed, dead: at } : { ...failed, due: new Date(now.getTime() + next).toISOString() }]
  }
}
