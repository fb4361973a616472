import { hasEnded, isNodeName } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument, StrayCertificate } from '../../ports/store/documents/enrolment-document.ts'
import { decideConflict } from '../decision/conflict.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { certificateFault, type Granted, nodeOf, readCertificate } from './certificate-fault.ts'

/** Most stray certificates that one enrolment keeps. The first one ends it, and nothing is granted to it afterwards. */
const straysKept = 20

/**
 * Looks at the certificate that was issued for a request of this enrolment. A certificate that is not what was granted is a
 * conflict, and its Node must go. Undefined if the certificate is what was granted, is known already, or is not there yet.
 */
export const decideStray = (
  enrolment: EnrolmentDocument,
  { name, uid, certificate }: Pick<Csr, 'name' | 'uid' | 'certificate'>,
  granted: Granted,
  now: Date
): Decision | undefined => {
  const { stray: known = [] } = enrolment.certificates
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
  return { enrolment: { ...judged, certificates: { ...judged.certificates, stray: [...known, stray] } }, entries }
}

/**
 * Freezes an enrolment that has not joined. One that has joined keeps its state and gets the reason, as with any Node that must
 * go.
 */
const mistrusted = (enrolment: EnrolmentDocument, why: string, now: Date): Decision => {
  const { enrolment: judged, entries } = decideConflict(enrolment, 'cluster', why, now)
  return {
    enrolment: { ...judged, certificates: { ...judged.certificates, untrusted: why }, reason: judged.reason ?? why },
    entries
  }
}

/** True if a stray certificate was issued for the CSR of that uid. */
export const isStray = ({ certificates: { stray: known = [] } }: EnrolmentDocument, uid: string): boolean =>
  known.some((stray) => stray.uid === uid)

/** Stray certificates that speak for another node, until its name is known to be banned and its worker to be gone. */
export const unsettledStrays = ({ certificates: { stray: known = [] } }: EnrolmentDocument): StrayCertificate[] =>
  known.filter(({ node, settled }) => node !== undefined && !settled)

/**
 * Decides, once, about an enrolment whose node somebody else can be. `goes`: its Node, if it is deleted for that. The alert is about
 * that Node too, so a pass that still sees the Node tells nothing more.
 */
export const decideUntrusted = (
  enrolment: EnrolmentDocument,
  why: string,
  now: Date,
  goes?: Pick<ClusterNode, 'uid'>
): Decision | undefined => {
  if (enrolment.certificates.untrusted === why || hasEnded(enrolment)) return undefined
  const decision = mistrusted(enrolment, why, now)
  return {
    ...decision,
    enrolment: {
      ...decision.enrolment,
      certificates: { ...decision.enrolment.certificates, ...given({ unwantedNode: goes?.uid }) }
    }
  }
}

/** Notes that the stray certificate for the CSR of that uid is settled: its name is banned, and no worker has it. */
export const decideSettled = (enrolment: EnrolmentDocument, uid: string, now: Date): Decision | undefined => {
  const stray = unsettledStrays(enrolment).find((one) => one.uid === uid)
  if (stray === undefined) return undefined
  const known = enrolment.certificates.stray ?? []
  return {
    enrolment: {
      ...enrolment,
      certificates: {
        ...enrolment.certificates,
        banned: now.toISOString(),
        stray: known.map((one) => (one === stray ? { ...one, settled: true } : one))
      }
    },
    entries: [entry(now, 'server', 'banned', `${stray.node}: a certificate for it was issued that nobody granted`)]
  }
}
