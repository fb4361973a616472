import type { KeyObject } from 'node:crypto'
import { kubeletSigner, nodesGroup, nodeUsername } from '@joinery/kube/names'
import { hasOpenAttempt, next } from '@joinery/protocol'
import type { Csr } from '../../cluster/cluster.ts'
import type { AttemptDocument, EnrolmentDocument } from '../../store/store.ts'
import { tokenGroupOf } from '../facts/token-group.ts'
import { type CsrRequest, parseCsrRequest } from './csr-request.ts'

/**
 * - approve: the one CSR of the open attempt
 * - second: a further CSR for the same name by the same credential, or one after its attempt; never approved
 * - foreign-name: a credential of ours asks for what it was not given; never approved, freezes
 * - leave: a CSR that is not by a credential of ours, or that is already judged
 */
export type Verdict = 'approve' | 'second' | 'foreign-name' | 'leave'

/** The token id in a bootstrap token's user name. */
export const tokenIdOf = (username: string): string | undefined =>
  /^system:bootstrap:([a-z0-9]{6})$/.exec(username)?.[1]

/** User name of anybody who has the token with that id. */
export const tokenUsername = (tokenId: string): string => `system:bootstrap:${tokenId}`

/** Usages that the signer allows a kubelet's client certificate. `key encipherment` came with RSA keys. */
const usages = ['digital signature', 'key encipherment', 'client auth']

/**
 * Judges one CSR against the attempt whose credential made it. Default: leave alone. Approves only what a kubelet of
 * this name asks for, once per attempt, while the attempt is open.
 */
export const judgeCsr = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument, now: Date): Verdict => {
  const tokenId = tokenIdOf(csr.username)
  if (tokenId === undefined || tokenId !== attempt.tokenId || csr.denied) return 'leave'
  if (csr.uid === attempt.csr?.uid || attempt.refusedCsrs.includes(csr.uid)) return 'leave'
  const full = attempt.refusedCsrs.length >= refusalsKept
  if (!isKubeletCsr(csr, enrolment.name, tokenGroupOf(enrolment))) {
    return full && next(enrolment.state, 'conflict') === undefined ? 'leave' : 'foreign-name'
  }
  const open = hasOpenAttempt(enrolment) && attempt === enrolment.attempts.at(-1) && now < new Date(attempt.deadline)
  if (open && attempt.csr === undefined) return 'approve'
  return full ? 'leave' : 'second'
}

/**
 * Most refused CSRs that an attempt keeps. They show what somebody does with a credential, and a loop of requests must not fill
 * the store.
 */
export const refusalsKept = 20

/**
 * True if the CSR asks for what a kubelet of this name asks for, and nothing else. `group`: the group that its credential puts
 * it into.
 */
export const isKubeletCsr = (csr: Csr, name: string, group: string): boolean => {
  const request = parseCsrRequest(csr.request)
  return (
    request !== undefined &&
    csr.signer === kubeletSigner &&
    csr.groups.includes(group) &&
    isKubeletRequest(request, name) &&
    isStrong(request.key) &&
    csr.usages.includes('client auth') &&
    csr.usages.every((usage) => usages.includes(usage))
  )
}

/** True if the subject is this kubelet, in exact bytes, and there is no other name, nor anything else. */
export const isKubeletRequest = (request: CsrRequest, name: string): boolean =>
  only(request.commonNames, nodeUsername(name)) &&
  only(request.organizations, nodesGroup) &&
  request.otherSubject.length === 0 &&
  !request.hasAttributes

export const only = (values: readonly string[], wanted: string): boolean => values.length === 1 && values[0] === wanted

/**
 * True if a kubelet may make such a key. Kubelets make P-256, and older ones made RSA. No kubelet asks for a weaker key, or one
 * of another kind.
 */
export const isStrong = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  asymmetricKeyType === 'rsa'
    ? (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
    : asymmetricKeyType === 'ec' && curves.includes(asymmetricKeyDetails?.namedCurve ?? '')

/** Names of P-256, P-384 and P-521 in OpenSSL. */
const curves = ['prime256v1', 'secp384r1', 'secp521r1']
