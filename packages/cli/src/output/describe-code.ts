import type { CodeDetail } from '@joinery/protocol'
import { table } from '@joinery/protocol/text/table.ts'
import { age, moment } from '../times.ts'
import { labelAndTaintRows } from './labels-and-taints.ts'
import { policyRows } from './policy.ts'
import { timelineSection } from './timeline-section.ts'

/** All that is known of a code, but not the code itself: nobody has that any more. */
export const describeCode = (code: CodeDetail, now: Date, colour: boolean): string => {
  const { id, status, name, role, credential, enrolment, created, expires, policy, timeline } = code
  const summary = [
    ['ID:', id],
    ['Status:', status],
    ['Name:', name ?? '<any>'],
    ['Role:', role],
    ['Credential:', credential],
    ['Enrolment:', enrolment ?? '<none>'],
    ['Created:', `${moment(created)} (${age(created, now)})`],
    ['Expires:', moment(expires)],
    ...labelAndTaintRows(code),
    ...policyRows(policy)
  ]
  return table(summary, colour) + timelineSection(timeline, colour)
}
