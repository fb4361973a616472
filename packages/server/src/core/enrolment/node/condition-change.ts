import type { NodeStatus, TimelineEntry } from '@joinery/protocol'
import { boundedText } from '../../ports/cluster/bounded-text.ts'
import type { EnrolmentDocument, FlapDocument } from '../../ports/store/documents/enrolment-document.ts'
import { entry } from '../decision/decision.ts'

/** Longest time between two changes of one flap, in milliseconds. */
export const flapGap = 10 * 60_000

interface ConditionChange {
  flap?: FlapDocument
  entries: TimelineEntry[]
}

/**
 * The timeline entry about a Node that has become `status`. A change to anything but Ready begins a flap, and every change that
 * follows soon after another belongs to it. However long a flap lasts, it is one entry.
 */
export const conditionChange = (
  { node: before, diagnosis: { flap } }: Pick<EnrolmentDocument, 'node' | 'diagnosis'>,
  status: NodeStatus,
  now: Date
): ConditionChange => {
  if (status.condition === before?.condition) return { ...(flap && { flap }), entries: [] }
  const at = now.toISOString()
  if (flap !== undefined && now.getTime() - Date.parse(flap.last) < flapGap) {
    const next = { since: flap.since, last: at, count: flap.count + 1 }
    return { flap: next, entries: [again(words(status, before), next)] }
  }
  const told = entry(now, 'cluster', 'node-condition', words(status))
  if (status.condition === 'Ready') return { entries: [told] }
  return { flap: { since: at, last: at, count: 1 }, entries: [told] }
}

const again = (detail: string, { since, last, count }: FlapDocument): TimelineEntry => ({
  ...entry(new Date(since), 'cluster', 'node-condition', detail),
  count,
  last
})

/** The condition in words. An operator wants to know of a flap why the Node was not Ready. */
const words = ({ condition, message }: NodeStatus, before?: NodeStatus): string => {
  const now = `${condition} ${message}`.trim()
  return boundedText(condition === 'Ready' && before !== undefined ? `${now}, after ${words(before)}` : now)
}
