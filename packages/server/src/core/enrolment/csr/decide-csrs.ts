import { X509Certificate } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { kubeletSigner, nodeUsername } from '@joinery/kube/names'
import { hasJoined, hour, type KeyAlgorithm } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { SeenCertificate } from '../../ports/store/documents/recovery-document.ts'
import { decideConflict } from '../decision/conflict.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { openAttempt, withAttempt } from '../facts/attempts.ts'
import { certificateExpiry, certificateIdentity } from './certificate-identity.ts'
import { judgeCsr, otherKeyFault, tokenIdOf } from './csr-guard.ts'
import { decideLostCertificates } from './decide-lost-certificates.ts'
import { decideNodeCsrs } from './decide-node-csrs.ts'
import { decideRecoveryCsrs } from './decide-recovery-csrs.ts'
import { decideStray } from './stray-certificates.ts'

/**
 * Decides what to write down about the CSRs of one enrolment's credentials. `csrToApprove` says afterwards which one to
 * approve. `algorithm`: the keys that the cluster's kubelets make for their client certificate.
 */
export const decideCsrs = (
  enrolment: EnrolmentDocument,
  csrs: readonly Csr[],
  algorithm: KeyAlgorithm,
  now: Date
): Decision => {
  const noted = decideRecoveryCsrs(enrolment, csrs, now)
  const ofNode = decideNodeCsrs(noted.enrolment, csrs, now)
  let decision: Decision = { ...ofNode, entries: [...noted.entries, ...ofNode.entries] }
  for (const csr of csrs) {
    for (const { number } of enrolment.join.attempts) {
      const current = decision.enrolment
      const attempt = current.join.attempts[number - 1]
      if (attempt === undefined) continue
      const { enrolment: after, entries } = decideCsr(csr, current, attempt, algorithm, now)
      decision = { enrolment: after, entries: [...decision.entries, ...entries] }
    }
  }
  const { enrolment: after, entries } = decideLostCertificates(decision.enrolment, now)
  return { enrolment: withSeenCertificate(after, csrs), entries: [...decision.entries, ...entries] }
}

const decideCsr = (
  csr: Csr,
  enrolment: EnrolmentDocument,
  attempt: AttemptDocument,
  algorithm: KeyAlgorithm,
  now: Date
): Decision => {
  const { name, uid } = csr
  const refuse = (decision: Decision): Decision => ({
    ...decision,
    enrolment: withAttempt(decision.enrolment, attempt.number, { refusedCsrs: [...attempt.refusedCsrs, uid] })
  })
  switch (judgeCsr(csr, enrolment, attempt, algorithm, now)) {
    case 'approve':
      return {
        enrolment: withAttempt(enrolment, attempt.number, { csr: { name, uid } }),
        entries: [entry(now, 'server', 'csr-approved', `${name} of attempt ${attempt.number}`)]
      }
    case 'second':
      return refuse({
        enrolment,
        entries: [entry(now, 'server', 'csr-left', `${name}: the attempt has its certificate request, or is over`)]
      })
    case 'other-key':
      return refuse({
        enrolment,
        entries: [entry(now, 'server', 'csr-left', `${name}: ${otherKeyFault(csr, algorithm)}`)]
      })
    case 'foreign-name':
      return refuse(
        decideConflict(
          enrolment,
          'cluster',
          `${name}: the credential asked for a certificate that it must not get`,
          now
        )
      )
    case 'leave':
      return lookedAt(csr, enrolment, attempt, now)
  }
}

/**
 * Checks that the certificate of a CSR, whoever approved it, is for this node. The request alone says only what the server read
 * in it.
 */
const lookedAt = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument, now: Date): Decision => {
  const known = issued(csr, enrolment, attempt, now)
  if (attempt.tokenId === undefined || tokenIdOf(csr.username) !== attempt.tokenId) return known
  const stray = decideStray(known.enrolment, csr, { name: enrolment.name }, now)
  return stray === undefined ? known : { ...stray, entries: [...known.entries, ...stray.entries] }
}

/** Notes serial and key of the certificate once the signer has issued it: the agent must report these. */
const issued = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument, now: Date): Decision => {
  if (csr.uid !== attempt.csr?.uid || csr.certificate === undefined || attempt.certificate !== undefined) {
    return { enrolment, entries: [] }
  }
  const certificate = certificateIdentity(csr.certificate)
  return {
    enrolment: withAttempt(enrolment, attempt.number, {
      certificate,
      certificateExpires: certificateExpiry(csr.certificate)
    }),
    entries: [
      entry(now, 'cluster', 'certificate-issued', `serial ${certificate.serial}, key ${certificate.fingerprint}`)
    ]
  }
}

/** The CSR of the open attempt that was committed to be approved and is not approved yet. A crash may have left it so. */
export const csrToApprove = (enrolment: EnrolmentDocument, csrs: readonly Csr[]): Csr | undefined => {
  const attempt = openAttempt(enrolment)
  return csrs.find((csr) => csr.uid === attempt?.csr?.uid && !csr.approved && !csr.denied)
}

/** A certificate counts as a newer one if it ends so much later, in milliseconds: a loop of renewals must not fill the disk. */
const newerBy = hour

/**
 * The enrolment with the certificate of its kubelet that ends last, among those that the cluster shows: requests are gone after
 * an hour. The same enrolment if none is newer. Only a Node of the enrolment's own has one.
 */
const withSeenCertificate = (enrolment: EnrolmentDocument, csrs: readonly Csr[]): EnrolmentDocument => {
  if (!hasJoined(enrolment)) return enrolment
  const { seen: before } = enrolment.certificates
  const last = enrolment.join.attempts.at(-1)
  const ofAttempt = new Set([last?.csr, ...(last?.kubeletCsrs ?? [])].map((csr) => csr?.uid))
  let seen = before
  for (const { uid, username, signer, certificate } of csrs) {
    const isNoted = ofAttempt.has(uid)
    if (signer !== kubeletSigner || certificate === undefined) continue
    if (!isNoted && username !== nodeUsername(enrolment.name)) continue
    const found = readTimes(certificate)
    // an attempt notes only a few requests
    const by = isNoted ? 0 : newerBy
    if (found === undefined) continue
    if (seen === undefined || Date.parse(found.notAfter) >= Date.parse(seen.notAfter) + by) seen = found
  }
  return seen === undefined || isDeepStrictEqual(seen, before)
    ? enrolment
    : { ...enrolment, certificates: { ...enrolment.certificates, seen } }
}

const readTimes = (pem: string): SeenCertificate | undefined => {
  try {
    const { serialNumber, validFromDate, validToDate } = new X509Certificate(pem)
    return { serial: serialNumber, notBefore: validFromDate.toISOString(), notAfter: validToDate.toISOString() }
  } catch {
    return undefined
  }
}
