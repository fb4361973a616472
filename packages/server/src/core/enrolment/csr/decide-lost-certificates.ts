import { isDeepStrictEqual } from 'node:util'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { withAttempt } from '../facts/attempts.ts'

/**
 * Alerts about certificates that were issued for the token of a failed attempt, and that the machine does not hold. A power cut
 * took them, or somebody else had the token and was faster. They stay good for the name, so an operator is told once about
 * each.
 */
export const decideLostCertificates = (before: EnrolmentDocument, now: Date): Decision => {
  let decision: Decision = { enrolment: before, entries: [] }
  for (const { number, failure, certificate, held, lostCertificate } of before.join.attempts) {
    if (failure === undefined || certificate === undefined || lostCertificate) continue
    if (isDeepStrictEqual(held, certificate)) continue
    const detail =
      `certificate serial ${certificate.serial} of attempt ${number} is not on the machine: ` +
      'lost in a power cut, or in the hands of somebody who had its token'
    decision = {
      enrolment: withAttempt(decision.enrolment, number, { lostCertificate: true }),
      entries: [...decision.entries, entry(now, 'server', 'certificate-lost', detail, true)]
    }
  }
  return decision
}
