import { type Cause, type FirstCause, hasJoined, type TimelineEntry } from '@joinery/protocol'
import { type Decision, entry } from '../../../core/enrolment/decision/decision.ts'
import { flapGap } from '../../../core/enrolment/node/condition-change.ts'
import type { CauseTold, EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'

/**
 * Keeps the likeliest cause for which the Node of an enrolment is not Ready. The timeline is told if it is another one than before. A
 * cause that comes again within ten minutes is the same entry, however often: a Node that goes back and forth between two causes has
 * two entries. Undefined if nothing is new, or the Node is Ready, gone, or another one than `uid`.
 */
export const decideFirstCause = (
  enrolment: EnrolmentDocument,
  uid: string,
  first: Cause | undefined,
  now: Date
): Decision | undefined => {
  const { node } = enrolment
  const { cause: before } = enrolment.diagnosis
  if (!hasJoined(enrolment) || node?.uid !== uid || node.condition === 'Ready' || node.condition === 'Gone')
    return undefined
  if (first === undefined) {
    const { cause: _, ...diagnosis } = enrolment.diagnosis
    return before === undefined ? undefined : { enrolment: { ...enrolment, diagnosis }, entries: [] }
  }
  const cause: FirstCause = { code: first.code, text: first.text }
  if (before?.code === cause.code) {
    return before.text === cause.text
      ? undefined
      : { enrolment: { ...enrolment, diagnosis: { ...enrolment.diagnosis, cause } }, entries: [] }
  }
  const { told, made } = tell(enrolment.diagnosis.told ?? [], cause, now)
  return { enrolment: { ...enrolment, diagnosis: { ...enrolment.diagnosis, cause, told } }, entries: [made] }
}

const tell = (
  before: readonly CauseTold[],
  { code, text }: FirstCause,
  now: Date
): { told: CauseTold[]; made: TimelineEntry } => {
  const at = now.toISOString()
  const recent = before.filter(({ last }) => now.getTime() - Date.parse(last) < flapGap)
  const same = recent.find((one) => one.code === code)
  const others = recent.filter((one) => one !== same)
  const detail = `${code}: ${text}`
  if (same === undefined) {
    return { told: [...others, { code, since: at, last: at, count: 1 }], made: entry(now, 'server', 'cause', detail) }
  }
  const again = { ...same, last: at, count: same.count + 1 }
  const made = { ...entry(new Date(same.since), 'server', 'cause', detail), count: again.count, last: at }
  return { told: [...others, again], made }
}
