import type { TimelineEntry } from '@joinery/protocol'
import { entry } from '../decision/decision.ts'

/**
 * Reason why a machine with a code is not let in. `quota` alerts: the code was used as often as it may be, so the machines that
 * it is for are all there. `conflict` alerts too: a second key came with the code of an enrolment that has ended.
 */
export interface Refusal {
  event: 'refused' | 'quota' | 'conflict'
  reason: string
}

/**
 * Most alerts of one event that a code keeps. Alerts stay for ever, and a loop of knocks with ever new keys must not fill the
 * store.
 */
const alertsKept = 10

/**
 * Entry of the code's timeline about a machine that is not let in: an operator may wait for it. Undefined if that key was
 * refused for this reason before: an agent asks about each minute, for ever.
 */
export const refusedUse = (
  timeline: readonly TimelineEntry[],
  { event, reason }: Refusal,
  { key, address }: { key: string; address: string },
  now: Date
): TimelineEntry | undefined => {
  const said = `${reason}; presented by key ${key} from `
  const before = timeline.filter((entry) => entry.event === event)
  if (before.some(({ detail }) => detail.startsWith(said))) return undefined
  const alert = event !== 'refused'
  return alert && before.length >= alertsKept ? undefined : entry(now, 'agent', event, said + address, alert)
}
