import { isControlPlane, isNodeName, naming } from '@joinery/protocol'
import type { Cluster, ClusterNode, Csr } from '../cluster/cluster.ts'
import { banReason } from '../credentials/ban-reason.ts'
import { decideConflict } from '../enrolments/conflict.ts'
import { type Decision, entry } from '../enrolments/decision.ts'
import type { Enrolments } from '../enrolments/enrolments.ts'
import type { EnrolmentDocument, Store, StrayCertificate } from '../store/store.ts'
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

interface Parts {
  store: Store
  cluster: Cluster
  enrolments: Enrolments
}

/**
 * Bans the name that a stray certificate speaks for, and deletes the worker that has it: whoever holds the certificate is that
 * node to the cluster. What is cut anywhere is done again, until no Node is seen any more. `nodes`: as the pass saw them.
 */
export const settleStrays = async (
  { store, cluster, enrolments }: Parts,
  enrolment: EnrolmentDocument,
  nodes: readonly ClusterNode[]
): Promise<void> => {
  for (const { csr, uid, serial, node: name = '' } of unsettledStrays(enrolment)) {
    const why = `certificate serial ${serial} for ${name} was issued for ${csr}, a request of ${enrolment.name}`
    for (const { id } of await store.enrolmentsByName(name)) {
      if (id !== enrolment.id) await enrolments.change(id, (current, now) => decideUntrusted(current, why, now))
    }
    await cluster.ban(name, banReason(enrolment.id, why))
    const node = nodes.find((one) => one.name === name)
    if (node !== undefined && !isControlPlane(node)) await cluster.deleteNode(node)
    else await enrolments.change(enrolment.id, (current, now) => decideSettled(current, uid, now))
  }
}

/** Somebody else can be this enrolment's node: it is told once. */
export const decideUntrusted = (enrolment: EnrolmentDocument, why: string, now: Date): Decision | undefined => {
  return enrolment.untrusted === why || !naming.includes(enrolment.state) ? undefined : mistrusted(enrolment, why, now)
}

const decideSettled = (enrolment: EnrolmentDocument, uid: string, now: Date): Decision | undefined => {
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
