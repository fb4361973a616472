import { day, type TimelineEntry } from '@joinery/protocol'
import { entry } from '../enrolment/decision/decision.ts'
import { type SubjectEntry, storeSubject } from '../ports/store/timeline.ts'

/** Events by which the store says that everything that was given before was settled. */
const settlings = ['restore', 'older-store'] as const

/** True for an event by which a settling is told. */
export const isSettling = (event: string): boolean => settlings.some((one) => one === event)

/** Settlings in a day that need no other word. A restore of etcd is one, and a person who tries it out may need another one. */
const settlingsADay = 2

/**
 * The alert of a settling, for the store's own timeline. Each settling revokes all open codes, so somebody who may write the Lease or put
 * etcd back can stop all joins by them. More than two in a day are an alert of their own.
 */
export const settlingEntries = (
  timeline: readonly TimelineEntry[],
  event: (typeof settlings)[number],
  detail: string,
  now: Date
): SubjectEntry[] => {
  const isRecent = ({ event: before, at }: TimelineEntry): boolean =>
    isSettling(before) && now.getTime() - Date.parse(at) < day
  const before = timeline.filter(isRecent).reduce((sum, { count = 1 }) => sum + count, 0)
  const told = [entry(now, 'server', event, detail, true)]
  if (before >= settlingsADay) {
    const often = `codes and approvals were settled ${before + 1} times in a day: find out who restores etcd, or stops and starts servers that do not know each other`
    told.push(entry(now, 'server', 'settled-often', often, true))
  }
  return told.map((one) => ({ subject: storeSubject, entry: one }))
}
