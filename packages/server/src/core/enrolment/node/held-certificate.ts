import { isDeepStrictEqual } from 'node:util'
import type { KubeletCertificate } from '@joinery/protocol'
import type { KubeletCsr } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/**
 * Compares the certificate that the agent reports with those that were issued for the enrolment's credential. `unknown`:
 * nothing was reported, or it is not known yet what was issued.
 */
export const judgeHeld = (enrolment: EnrolmentDocument): 'as-issued' | 'unknown' | { mismatch: string } => {
  const reported = enrolment.join.agentReady?.certificate
  if (reported === undefined) return 'unknown'
  // what a way back that failed may have brought is not what the agent reported
  const attempts = enrolment.join.attempts.filter(({ recovery, failure }) => !recovery || failure === undefined)
  const last = attempts.at(-1)
  if (last?.credentialCsr !== undefined) return judgeByNode(reported, last.kubeletCsrs ?? [])
  // the certificate of the last CSR that was approved: it may not be known yet, while that of an attempt before is
  const issued = attempts.findLast(({ csr, certificate }) => (csr ?? certificate) !== undefined)?.certificate
  if (issued === undefined) return 'unknown'
  if (isDeepStrictEqual(reported, issued)) return 'as-issued'
  return { mismatch: `the agent holds certificate ${reported.serial}, but ${issued.serial} was issued` }
}

/**
 * Compares the reported certificate with the node's own CSRs. The cluster approved all of these. A certificate for a key that
 * is not the agent's is in somebody else's hands.
 */
const judgeByNode = (
  { fingerprint, serial }: KubeletCertificate,
  csrs: readonly KubeletCsr[]
): ReturnType<typeof judgeHeld> => {
  const foreign = csrs.find(({ key }) => key !== fingerprint)
  if (foreign !== undefined) {
    return {
      mismatch: `the agent holds certificate ${serial}, and another key asked for a certificate too: ${foreign.name}`
    }
  }
  if (csrs.some((csr) => csr.serial === serial)) return 'as-issued'
  return csrs.every((csr) => csr.serial !== undefined) && csrs.length > 0
    ? { mismatch: `the agent holds certificate ${serial}, but ${csrs.map((csr) => csr.serial).join(', ')} was issued` }
    : 'unknown'
}
