import type { TimelineEntry } from '@joinery/protocol'
import { entry } from '../decision/decision.ts'

/**
 * Reason why a machine with a code is not let in. `quota` alerts: the code was used as often as it may be, so the machines that
 * it is for are all there. `conflict` alerts too: a second key came with the code of an enrolment that has ended.
 */
export interface Refusal {
  event: 'refused' | 'quota' | 'conflict'
  reason: string
  /** Name that the machine asked for, if that is why. It chose the name, so it is no part of the reason. */
  name?: string
}

/**
 * Most alerts of one event that a code keeps. Alerts stay for ever, and a loop of knocks with ever new keys must not fill the
 * store.
 */
const alertsKept = 10

/**
 * Entry of the code's timeline about a machine that is not let in: an operator may wait for it. A code has one entry for each reason
 * that does not alert, which says how often, and who came last: keys cost nothing, so a stranger could fill the timeline. Undefined if
 * that key was the last one with this reason: an agent asks about each minute, for ever.
 */
export const refusedUse = (
  timeline: readonly TimelineEntry[],
  { event, reason, name }: Refusal,
  { key, address }: { key: string; address: string },
  now: Date
): TimelineEntry | undefined => {
  const alert = event !== 'refused'
  const presented = `; presented by key ${key} from `
  const detail = `${reason}${presented}${address}${name === undefined ? '' : `, which asked for ${name}`}`
  const said = timeline.filter((one) => one.event === event && one.detail.startsWith(`${reason}; `))
  if (alert) {
    const isSaid = said.some((one) => one.detail.includes(presented))
    const isFull = timeline.filter((one) => one.event === event).length >= alertsKept
    return isSaid || isFull ? undefined : entry(now, 'agent', event, detail, true)
  }
  const before = said.at(-1)
  if (before === undefined) return entry(now, 'agent', event, detail)
  if (before.detail.includes(presented)) return undefined
  return { ...before, detail, count: (before.count ?? 1) + 1, last: now.toISOString() }
}
