import { isDeepStrictEqual } from 'node:util'
import { hasStartupTaint, isReady, startupTaint, type TimelineEntry } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument, ServiceDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { unwantedNode } from '../node/unwanted-node.ts'
import { type GateSight, judgeGates } from './judge-gates.ts'

/** Timeline entries about what is missing on one Node. All changes after that are one more entry, with a count. */
const toldAtMost = 10

/**
 * True if something is still to be found out, or done, about the service of this Node. Only then a pass reads what its gates ask for.
 */
export const awaitsService = (enrolment: EnrolmentDocument, node: ClusterNode | undefined): node is ClusterNode => {
  if (node === undefined || !isGated(enrolment, node)) return false
  const service = serviceOf(enrolment, node.uid)
  return service?.since === undefined || isPutBack(service) !== hasStartupTaint(node)
}

/**
 * True if the server must take the startup taint away from the Node now: a commit says that all gates held, and none says that the
 * taint was gone after that.
 */
export const mustOpen = (enrolment: EnrolmentDocument, node: ClusterNode): boolean =>
  isGated(enrolment, node) && isOpening(serviceOf(enrolment, node.uid)) && hasStartupTaint(node)

/**
 * True if a decision about this Node may wait for its budget: a kubelet can bring one about as often as it likes. While the taint is
 * to go, a decision ends that, and none may wait.
 */
export const mayWait = (enrolment: EnrolmentDocument, { uid }: ClusterNode): boolean =>
  !isOpening(serviceOf(enrolment, uid))

/**
 * Decides about the service of a Node whose enrolment is ready. Undefined if nothing is new.
 *
 * | all gates held before | taint | gates now | decision |
 * |---|---|---|---|
 * | yes | gone | any | in service |
 * | yes | there | hold | none: the taint goes now |
 * | yes | there | missing | not yet |
 * | no | there | hold | all gates held: the taint goes behind this commit |
 * | no | gone | hold | in service: somebody else took the taint away |
 * | no | any | missing | not yet |
 *
 * A Node that is in service stays so. If somebody puts the taint back, it stays, and the timeline says so once.
 */
export const decideService = (enrolment: EnrolmentDocument, sight: GateSight, now: Date): Decision | undefined => {
  const { node } = sight
  if (!isGated(enrolment, node)) return undefined
  const service = serviceOf(enrolment, node.uid)
  if (service?.since !== undefined) return decidePutBack(enrolment, service, node, now)
  const tainted = hasStartupTaint(node)
  if (isOpening(service) && !tainted) return decideInService(enrolment, node.uid, now)
  const missing = judgeGates(enrolment.terms.readyWhen ?? [], sight)
  if (missing.length > 0) return decideMissing(enrolment, service, node, missing, now)
  if (!tainted) return inService(enrolment, service, node.uid, now)
  if (isOpening(service)) return undefined
  const { notYet: _, ...others } = service ?? { node: node.uid }
  return { enrolment: { ...enrolment, service: { ...others, opened: now.toISOString() } }, entries: [] }
}

/** Notes that the startup taint is gone from the Node with this uid, behind the commit that all gates held. */
export const decideInService = (enrolment: EnrolmentDocument, uid: string, now: Date): Decision | undefined => {
  const service = serviceOf(enrolment, uid)
  return isOpening(service) ? inService(enrolment, service, uid, now) : undefined
}

const inService = (
  enrolment: EnrolmentDocument,
  service: ServiceDocument | undefined,
  uid: string,
  now: Date
): Decision => {
  const { notYet: _, ...others } = service ?? { node: uid }
  const at = now.toISOString()
  return {
    enrolment: { ...enrolment, service: { ...others, opened: others.opened ?? at, since: at } },
    entries: [entry(now, 'server', 'in-service', (enrolment.terms.readyWhen ?? []).join(', '))]
  }
}

const decideMissing = (
  enrolment: EnrolmentDocument,
  service: ServiceDocument | undefined,
  node: ClusterNode,
  missing: readonly string[],
  now: Date
): Decision | undefined => {
  const notYet = hasStartupTaint(node) ? [...missing] : [...missing, untainted]
  if (service !== undefined && !isOpening(service) && isDeepStrictEqual(service.notYet, notYet)) return undefined
  const { entry: said, told } = tellMissing(service?.told, notYet, now)
  return { enrolment: { ...enrolment, service: { node: node.uid, notYet, told } }, entries: [said] }
}

/** Makes the timeline entry about what is missing. Beyond `toldAtMost` it takes the place of the one before. */
const tellMissing = (
  before: ServiceDocument['told'],
  notYet: readonly string[],
  now: Date
): { entry: TimelineEntry; told: NonNullable<ServiceDocument['told']> } => {
  const said = entry(now, 'server', 'not-in-service', `not yet: ${notYet.join('; ')}`)
  const count = (before?.count ?? 0) + 1
  if (before === undefined || count <= toldAtMost) return { entry: said, told: { count, at: said.at } }
  const again = { ...said, at: before.at, count: count - toldAtMost + 1, last: said.at }
  return { entry: again, told: { count, at: before.at } }
}

const decidePutBack = (
  enrolment: EnrolmentDocument,
  service: ServiceDocument,
  node: ClusterNode,
  now: Date
): Decision | undefined => {
  const putBack = hasStartupTaint(node)
  if (putBack === isPutBack(service)) return undefined
  const told = putBack && service.putBack === undefined
  return {
    enrolment: { ...enrolment, service: { ...service, putBack } },
    entries: told ? [entry(now, 'cluster', 'taint-put-back', leftAlone)] : []
  }
}

const untainted = `the Node has no taint ${startupTaint.key}, so Pods come already`
const leftAlone = `somebody put ${startupTaint.key} back on the Node, and Joinery leaves it there`

/** True if the Node is the one of a ready enrolment whose code has gates. */
const isGated = (enrolment: EnrolmentDocument, node: ClusterNode): boolean =>
  enrolment.terms.readyWhen !== undefined &&
  isReady(enrolment) &&
  enrolment.node?.uid === node.uid &&
  unwantedNode(enrolment, node) === undefined

/** The way of this very Node into service. That of an earlier Node of the enrolment does not count. */
const serviceOf = ({ service }: EnrolmentDocument, uid: string): ServiceDocument | undefined =>
  service?.node === uid ? service : undefined

/** True between the commit that all gates held and the one that the taint was gone. */
const isOpening = (service: ServiceDocument | undefined): boolean =>
  service?.opened !== undefined && service.since === undefined
const isPutBack = ({ putBack = false }: ServiceDocument): boolean => putBack
