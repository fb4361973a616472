import { kubeletSigner, tokenGroups } from '@joinery/kube/names'
import type { Csr } from '../../cluster/cluster.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { openAttempt } from '../facts/attempts.ts'
import { tokenIdOf } from './csr-guard.ts'

/** Most requests of an enrolment that are denied in one pass: a loop of requests must not take the time of others. */
const deniedAtOnce = 20

/**
 * Requests by tokens of this enrolment that the store says must not be approved, and that nobody has judged. An approval that
 * is still on its way must find them denied. The request of an attempt is among them once the attempt is over. `enrolment`: as
 * it is after all of `csrs` were judged. So each CSR is its attempt's, was refused, or came when none could be approved any
 * more.
 */
export const csrsToDeny = (enrolment: EnrolmentDocument, csrs: readonly Csr[]): Csr[] => {
  const open = openAttempt(enrolment)
  const isToDeny = (csr: Csr): boolean => {
    const tokenId = tokenIdOf(csr.username)
    const attempt = enrolment.attempts.find((one) => tokenId !== undefined && one.tokenId === tokenId)
    if (attempt === undefined || csr.approved || csr.denied || !mayBeDenied(csr)) return false
    if (attempt !== open || attempt.refusedCsrs.includes(csr.uid)) return true
    return attempt.csr !== undefined && attempt.csr.uid !== csr.uid
  }
  return csrs.filter(isToDeny).slice(0, deniedAtOnce)
}

/** True if the policy `joinery-csr-approvals` lets the server deny this CSR. It allows no others. */
const mayBeDenied = ({ signer, groups }: Csr): boolean =>
  signer === kubeletSigner && groups.filter((group) => tokenGroups.includes(group)).length === 1
