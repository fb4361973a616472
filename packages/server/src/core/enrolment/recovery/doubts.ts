import { isDeepStrictEqual } from 'node:util'
import { identityFacts, type RecoveryEvidence } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { approvedFacts } from '../facts/shown.ts'

/** Facts of the machine, and its address, that are not what was approved. An operator looks at these first. */
export const changedSince = (enrolment: EnrolmentDocument, { facts, address }: RecoveryEvidence): string[] => {
  const approved = approvedFacts(enrolment)
  const { addresses = [] } = enrolment.approval
  return [
    ...identityFacts.filter((fact) => !isDeepStrictEqual(facts[fact], approved[fact])),
    ...(addresses.includes(address) ? [] : ['address'])
  ]
}

/**
 * Reasons why a policy must not approve this ask by itself: what differs from what was approved, and what the machine says of
 * its certificate that the server knows better. Empty if there is none.
 */
export const doubtsAbout = (enrolment: EnrolmentDocument, asked: RecoveryEvidence, now: Date): string[] => [
  ...changedSince(enrolment, asked).map((what) => `its ${what} differs from what was approved`),
  ...aboutCertificate(enrolment, asked, now)
]

const aboutCertificate = (
  { certificates: { seen } }: EnrolmentDocument,
  { reason, notAfter, serial }: RecoveryEvidence,
  now: Date
): string[] => {
  const isOver = (time: string): boolean => new Date(time) <= now
  const doubts: string[] = []
  if (reason === 'expired' && (notAfter === undefined || !isOver(notAfter))) {
    doubts.push('it says that its certificate expired, and names no time of its end that has passed')
  }
  if (seen === undefined) return doubts
  if (serial !== undefined && serial.toLowerCase() !== seen.serial.toLowerCase()) {
    doubts.push(`it names a certificate with serial ${serial}, and ${seen.serial} was issued last`)
  }
  if (reason === 'expired' && !isOver(seen.notAfter)) {
    doubts.push(`it says that its certificate expired, and the one that was issued last ends at ${seen.notAfter}`)
  }
  return doubts
}
