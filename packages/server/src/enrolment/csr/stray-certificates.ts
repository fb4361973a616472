import { hasEnded, isNodeName } from '@joinery/protocol'
import type { Csr } from '../../cluster/cluster.ts'
import type { EnrolmentDocument, StrayCertificate } from '../../store/store.ts'
import { decideConflict } from '../decision/conflict.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { certificateFault, type Granted, nodeOf, readCertificate } from './certificate-fault.ts'

/** Of one enrolment: the first one ends it, and none of it is granted afterwards. */
const straysKept = 20

/**
 * Looks at what was issued for a request of this enrolment. A certificate that is not what was granted is a conflict, and makes
 * its Node one that must go. Undefined: it is what was granted, is known already, or is not there yet.
 */
export const decideStray = (
  enrolment: EnrolmentDocument,
  { name, uid, certificate }: Pick<Csr, 'name' | 'uid' | 'certificate'>,
  granted: Granted,
  now: Date
): Decision | undefined => {
  const { strayCertificates: known = [] } = enrolment
  if (certificate === undefined || known.length >= straysKept || isStray(enrolment, uid)) return undefined
  const issued = readCertificate(certificate)
  const fault = certificateFault(issued, granted)
  if (fault === undefined) return undefined
  const why = `${name}: the cluster issued certificate serial ${issued.serial}, which nobody granted: ${fault}`
  const node = nodeOf(issued)
  const stray: StrayCertificate = {
    csr: name,
    uid,
    serial: issued.serial,
    ...(node !== undefined && node !== enrolment.name && isNodeName(node) && { node })
  }
  const { enrolment: judged, entries } = mistrusted(enrolment, why, now)
  return { enrolment: { ...judged, strayCertificates: [...known, stray] }, entries }
}

/** Frozen before it has joined; who has joined keeps its state, with the reason, as with any Node that must go. */
const mistrusted = (enrolment: EnrolmentDocument, why: string, now: Date): Decision => {
  const { enrolment: judged, entries } = decideConflict(enrolment, 'cluster', why, now)
  return { enrolment: { ...judged, untrusted: why, reason: judged.reason ?? why }, entries }
}

/** Such a certificate was issued for the CSR of that uid. */
export const isStray = ({ strayCertificates = [] }: EnrolmentDocument, uid: string): boolean =>
  strayCertificates.some((stray) => stray.uid === uid)

/** Those that speak for another node, whose name is not known to be banned and its worker to be gone. */
export const unsettledStrays = ({ strayCertificates = [] }: EnrolmentDocument): StrayCertificate[] =>
  strayCertificates.filter(({ node, settled }) => node !== undefined && !settled)

/** Somebody else can be this enrolment's node: it is told once. */
export const decideUntrusted = (enrolment: EnrolmentDocument, why: string, now: Date): Decision | undefined => {
  return enrolment.untrusted === why || hasEnded(enrolment) ? undefined : mistrusted(enrolment, why, now)
}

/** The stray certificate for the CSR of that uid is settled: its name is banned, and no worker has it. */
export const decideSettled = (enrolment: EnrolmentDocument, uid: string, now: Date): Decision | undefined => {
  const stray = unsettledStrays(enrolment).find((one) => one.uid === uid)
  if (stray === undefined) return undefined
  const known = enrolment.strayCertificates ?? []
  return {
    enrolment: {
      ...enrolment,
      banned: now.toISOString(),
      strayCertificates: known.map((one) => (one === stray ? { ...one, settled: true } : one))
    },
    entries: [entry(now, 'server', 'banned', `${stray.node}: a certificate for it was issued that nobody granted`)]
  }
}
