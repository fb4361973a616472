import { isLive } from '@joinery/protocol'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import { decideLostCertificates } from './csr/decide-lost-certificates.ts'
import { unsettledStrays } from './csr/stray-certificates.ts'
import { leftovers } from './facts/attempts.ts'
import { isToBan } from './node/certificate-ban.ts'

/**
 * True if the enrolment is over and nothing is left to be done about it: no token or CSR to delete, no name to ban, no Node to
 * see go. A pass of the reconciler leaves it out, until the cluster shows its name, or a request by its credential.
 */
export const isSettled = (enrolment: EnrolmentDocument): boolean => {
  const { node } = enrolment
  return (
    !isLive(enrolment) &&
    (node === undefined || node.condition === 'Gone') &&
    leftovers(enrolment).length === 0 &&
    unsettledStrays(enrolment).length === 0 &&
    !isToBan(enrolment) &&
    // the time would be that of its entries, and here there are none
    decideLostCertificates(enrolment, new Date(0)).entries.length === 0
  )
}

/** The enrolment as it is written, with the mark by which the store knows that it is settled. */
export const withSettled = (enrolment: EnrolmentDocument): EnrolmentDocument => {
  const settled = isSettled(enrolment)
  if (settled === (enrolment.settled ?? false)) return enrolment
  const { settled: _, ...others } = enrolment
  return settled ? { ...others, settled } : others
}
