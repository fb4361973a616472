import { X509Certificate } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { kubeletSigner, nodeUsername } from '@joinery/kube/names'
import { hasJoined, hour } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/cluster.ts'
import type { SeenCertificate } from '../../ports/store/recovery-document.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** A certificate counts as a newer one if it ends so much later, in milliseconds: a loop of renewals must not fill the disk. */
const newerBy = hour

/**
 * The enrolment with the certificate of its kubelet that ends last, among those that the cluster shows: requests are gone after
 * an hour. The same enrolment if none is newer. Only a Node of the enrolment's own has one.
 */
export const withSeenCertificate = (enrolment: EnrolmentDocument, csrs: readonly Csr[]): EnrolmentDocument => {
  if (!hasJoined(enrolment)) return enrolment
  const { seenCertificate: before } = enrolment
  const last = enrolment.attempts.at(-1)
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
  return seen === undefined || isDeepStrictEqual(seen, before) ? enrolment : { ...enrolment, seenCertificate: seen }
}

const readTimes = (pem: string): SeenCertificate | undefined => {
  try {
    const { serialNumber, validFromDate, validToDate } = new X509Certificate(pem)
    return { serial: serialNumber, notBefore: validFromDate.toISOString(), notAfter: validToDate.toISOString() }
  } catch {
    return undefined
  }
}
