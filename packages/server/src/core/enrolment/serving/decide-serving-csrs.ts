import { isDeepStrictEqual } from 'node:util'
import { hasJoined } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument, ServingCsrDocument } from '../../ports/store/documents/enrolment-document.ts'
import { refusalsKept } from '../csr/csr-guard.ts'
import { parseCsrRequest } from '../csr/csr-request.ts'
import { decideStray, isStray } from '../csr/stray-certificates.ts'
import { decideConflict } from '../decision/conflict.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { judgeServingCsr, type Surroundings } from './serving-csr-guard.ts'

/**
 * Most open requests of one kubelet that are judged at once. To judge costs time, and a loop of requests must not take that of
 * others.
 */
const judgedAtOnce = 3 * refusalsKept

/** True if nobody has answered the request yet. */
export const isOpen = ({ approved, denied }: Csr): boolean => !approved && !denied

/**
 * Decides what to write down about the requests for serving certificates by an enrolment's kubelet, each once. Undefined if
 * nothing is new. `csrs`: all that the cluster has of them. Only so many of each kind are kept: a loop of requests must not
 * fill the store, and refused requests must not stand in the way of granted ones. The newest are judged first, as the kubelet
 * waits for that. `isSettled`: true of a request that was looked at and of which nothing more will come.
 */
export const decideServingCsrs = (
  enrolment: EnrolmentDocument,
  csrs: readonly Csr[],
  node: ClusterNode | undefined,
  around: Surroundings,
  now: Date,
  isSettled: (csr: Csr) => boolean = () => false
): Decision | undefined => {
  if (!hasJoined(enrolment)) return undefined
  const before = enrolment.certificates.serving ?? []
  const known = before.filter(({ uid }) => csrs.some((csr) => csr.uid === uid && !csr.denied))
  let decision: Decision = {
    enrolment: { ...enrolment, certificates: { ...enrolment.certificates, serving: known } },
    entries: []
  }
  const newest = csrs.toSorted((one, other) => other.created.getTime() - one.created.getTime())
  const answered = newest.filter((csr) => !isOpen(csr) && !isSettled(csr))
  for (const csr of [...answered, ...newest.filter(isOpen).slice(0, judgedAtOnce)]) {
    decision = decideServingCsr(csr, decision, node, around, now)
  }
  return isDeepStrictEqual(decision.enrolment.certificates.serving, before) && decision.entries.length === 0
    ? undefined
    : decision
}

const decideServingCsr = (
  csr: Csr,
  decision: Decision,
  node: ClusterNode | undefined,
  around: Surroundings,
  now: Date
): Decision => {
  const { enrolment, entries } = decision
  const known = enrolment.certificates.serving ?? []
  const { name, uid } = csr
  const before = known.find((one) => one.uid === uid)
  // a person, who knows better, may have approved it
  if (csr.approved && before?.left !== undefined) return withServingCsr(decision, { name, uid })
  if (csr.approved) return before === undefined ? decision : withOutcome(decision, csr, now)
  if (csr.denied) return decision
  const verdict = judgeServingCsr(csr, enrolment, node, around)
  if (verdict === 'approve') {
    if (before !== undefined && before.left === undefined) return decision
    if (known.filter(({ left }) => left === undefined).length >= refusalsKept) return decision
    const said = entry(now, 'server', 'serving-csr-approved', name)
    return { ...withServingCsr(decision, { name, uid }), entries: [...entries, said] }
  }
  const { left, hostile } = verdict
  // said once, whatever else is wrong with it later
  if (before?.left !== undefined) return withServingCsr(decision, { name, uid, left })
  if (before === undefined && known.filter((one) => one.left !== undefined).length >= refusalsKept) return decision
  const said = hostile
    ? decideConflict(enrolment, 'cluster', `${name}: its kubelet sent a request that can be read in two ways`, now)
    : { enrolment, entries: [entry(now, 'server', 'serving-csr-left', `${name}: ${left}`)] }
  const after = { enrolment: said.enrolment, entries: [...entries, ...said.entries] }
  return withServingCsr(after, { name, uid, left })
}

/** Checks that the certificate for a granted request is for the names in the request, and no others. */
const withOutcome = (decision: Decision, csr: Csr, now: Date): Decision => {
  const { enrolment, entries } = decision
  if (csr.certificate === undefined || isStray(enrolment, csr.uid)) return decision
  const { alternativeNames = [] } = parseCsrRequest(csr.request) ?? {}
  const stray = decideStray(enrolment, csr, { name: enrolment.name, alternativeNames }, now)
  return stray === undefined ? decision : { ...stray, entries: [...entries, ...stray.entries] }
}

/** Notes a request in the place of what was known of it. */
const withServingCsr = ({ enrolment, entries }: Decision, csr: ServingCsrDocument): Decision => {
  const known = enrolment.certificates.serving ?? []
  const serving = known.some(({ uid }) => uid === csr.uid)
    ? known.map((one) => (one.uid === csr.uid ? csr : one))
    : [...known, csr]
  return { enrolment: { ...enrolment, certificates: { ...enrolment.certificates, serving } }, entries }
}

/** The requests that were committed to be approved and are not approved yet. A crash may have left them so. */
export const servingCsrsToApprove = (enrolment: EnrolmentDocument, csrs: readonly Csr[]): Csr[] => {
  if (!hasJoined(enrolment)) return []
  const { serving = [] } = enrolment.certificates
  const granted = serving.filter(({ left }) => left === undefined).map(({ uid }) => uid)
  return csrs.filter((csr) => granted.includes(csr.uid) && isOpen(csr))
}
