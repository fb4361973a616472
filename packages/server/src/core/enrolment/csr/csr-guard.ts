import { kubeletSigner, nodesGroup, nodeUsername } from '@joinery/kube/names'
import { hasOpenAttempt, type KeyAlgorithm, next } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import { isMlDsa, isStrong, kindFault } from '../../ports/cluster/kubelet-keys.ts'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { tokenGroupOf } from '../facts/attempts.ts'
import { type CsrRequest, parseCsrRequest } from './csr-request.ts'

/**
 * - approve: the one CSR of the open attempt
 * - second: a further CSR for the same name by the same credential, or one after its attempt; never approved
 * - other-key: a request that is right but for its key, which is strong and of a kind that the cluster's kubelets do not make; never
 *   approved, and nobody is accused: a newer kubelet may make it, or one with a configuration of its own
 * - foreign-name: a credential of ours asks for what it was not given; never approved, freezes
 * - leave: a CSR that is not by a credential of ours, or that is already judged
 */
export type Verdict = 'approve' | 'second' | 'other-key' | 'foreign-name' | 'leave'

/** The token id in a bootstrap token's user name. */
export const tokenIdOf = (username: string): string | undefined =>
  /^system:bootstrap:([a-z0-9]{6})$/.exec(username)?.[1]

/** User name of anybody who has the token with that id. */
export const tokenUsername = (tokenId: string): string => `system:bootstrap:${tokenId}`

/** Usages that the signer allows a kubelet's client certificate. `key encipherment` came with RSA keys. */
const usages = ['digital signature', 'key encipherment', 'client auth']
const usagesOfMlDsa = ['digital signature', 'client auth']

/**
 * Judges one CSR against the attempt whose credential made it. Default: leave alone. Approves only what a kubelet of
 * this name asks for, once per attempt, while the attempt is open. `algorithm`: the keys that the cluster's kubelets make.
 */
export const judgeCsr = (
  csr: Csr,
  enrolment: EnrolmentDocument,
  attempt: AttemptDocument,
  algorithm: KeyAlgorithm,
  now: Date
): Verdict => {
  const tokenId = tokenIdOf(csr.username)
  if (tokenId === undefined || tokenId !== attempt.tokenId || csr.denied) return 'leave'
  if (csr.uid === attempt.csr?.uid || attempt.refusedCsrs.includes(csr.uid)) return 'leave'
  const full = attempt.refusedCsrs.length >= refusalsKept
  if (!isKubeletCsr(csr, enrolment.name, tokenGroupOf(enrolment))) {
    return full && next(enrolment.state, 'conflict') === undefined ? 'leave' : 'foreign-name'
  }
  const open =
    hasOpenAttempt(enrolment) && attempt === enrolment.join.attempts.at(-1) && now < new Date(attempt.deadline)
  if (!open || attempt.csr !== undefined) return full ? 'leave' : 'second'
  // a person, who knows better, may have approved it
  if (csr.approved || otherKeyFault(csr, algorithm) === undefined) return 'approve'
  return full ? 'leave' : 'other-key'
}

/** otherKeyFault says of a request that no kubelet of this cluster makes such a key. Undefined if one does. */
export const otherKeyFault = ({ request }: Csr, algorithm: KeyAlgorithm): string | undefined => {
  const key = parseCsrRequest(request)?.key
  return key && kindFault(key, algorithm, 'clientCertificateKeyAlgorithm')
}

/**
 * Most refused CSRs that an attempt keeps. They show what somebody does with a credential, and a loop of requests must not fill
 * the store.
 */
export const refusalsKept = 20

/**
 * True if the CSR asks for what a kubelet of this name asks for, and nothing else, by a strong key of whatever kind. `group`: the group
 * that its credential puts it into.
 */
export const isKubeletCsr = (csr: Csr, name: string, group: string): boolean => {
  const request = parseCsrRequest(csr.request)
  if (request === undefined) return false
  const allowed = isMlDsa(request.key) ? usagesOfMlDsa : usages
  return (
    csr.signer === kubeletSigner &&
    csr.groups.includes(group) &&
    isKubeletRequest(request, name) &&
    isStrong(request.key) &&
    csr.usages.includes('client auth') &&
    csr.usages.every((usage) => allowed.includes(usage))
  )
}

/** True if the subject is this kubelet, in exact bytes, and there is no other name, nor anything else. */
export const isKubeletRequest = (request: CsrRequest, name: string): boolean =>
  only(request.commonNames, nodeUsername(name)) &&
  only(request.organizations, nodesGroup) &&
  request.otherSubject.length === 0 &&
  !request.hasAttributes

export const only = (values: readonly string[], wanted: string): boolean => values.length === 1 && values[0] === wanted
