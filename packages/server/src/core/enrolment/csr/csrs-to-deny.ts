import { kubeletSigner, tokenGroups } from '@joinery/kube/names'
import type { KeyAlgorithm } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { openAttempt } from '../facts/attempts.ts'
import { otherKeyFault, tokenIdOf } from './csr-guard.ts'

/** Most requests of an enrolment that are denied in one pass: a loop of requests must not take the time of others. */
const deniedAtOnce = 20

/** A request that must be denied, and its fault if it is the request's own and not its credential's. */
export interface Denial {
  csr: Csr
  fault: string | undefined
}

/**
 * Requests by tokens of this enrolment that the store says must not be approved, and that nobody has judged. An approval that
 * is still on its way must find them denied. The request of an attempt is among them once the attempt is over. `enrolment`: as
 * it is after all of `csrs` were judged. So each CSR is its attempt's, was refused, or came when none could be approved any
 * more.
 */
export const csrsToDeny = (enrolment: EnrolmentDocument, csrs: readonly Csr[], algorithm: KeyAlgorithm): Denial[] => {
  const open = openAttempt(enrolment)
  const isToDeny = (csr: Csr): boolean => {
    const tokenId = tokenIdOf(csr.username)
    const attempt = enrolment.join.attempts.find((one) => tokenId !== undefined && one.tokenId === tokenId)
    if (attempt === undefined || csr.approved || csr.denied || !mayBeDenied(csr)) return false
    if (attempt !== open || attempt.refusedCsrs.includes(csr.uid)) return true
    return attempt.csr !== undefined && attempt.csr.uid !== csr.uid
  }
  return csrs
    .filter(isToDeny)
    .slice(0, deniedAtOnce)
    .map((csr) => ({ csr, fault: otherKeyFault(csr, algorithm) }))
}

/** True if the policy `joinery-csr-approvals` lets the server deny this CSR. It allows no others. */
const mayBeDenied = ({ signer, groups }: Csr): boolean =>
  signer === kubeletSigner && groups.filter((group) => tokenGroups.includes(group)).length === 1
