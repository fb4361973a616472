import { isDeepStrictEqual } from 'node:util'
import { type NodeStatus, next, silenceLimit } from '@joinery/protocol'
import type { ClusterNode } from '../cluster/cluster.ts'
import { decideConflict } from '../enrolments/conflict.ts'
import { type Decision, entry, moved } from '../enrolments/decision.ts'
import type { EnrolmentDocument } from '../store/store.ts'

/** What the Node of an enrolment's name says about it; undefined: nothing new. */
export const decideNode = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  if (['rejected', 'expired', 'frozen', 'removed'].includes(enrolment.state))
    return decideUnwanted(enrolment, node, now)
  if (next(enrolment.state, 'register') !== undefined) return decideRegister(enrolment, node, now)
  if (enrolment.state === 'joined' || enrolment.state === 'ready') return decideReadiness(enrolment, node, now)
  return undefined
}

/** A Node that a credential of this enrolment can have made: none appears before the first claim. */
const isOurs = (enrolment: EnrolmentDocument, node: ClusterNode): boolean => {
  const claimed = enrolment.attempts[0]?.claimed
  // creationTimestamp has whole seconds
  return claimed !== undefined && node.created.getTime() >= Math.floor(Date.parse(claimed) / 1000) * 1000
}

const decideRegister = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  // without a machine id the kubelet has not reported yet
  if (node === undefined || !isOurs(enrolment, node) || node.machineId === '') return undefined
  const stranger = otherMachine(enrolment, node)
  if (stranger !== undefined) return decideConflict(enrolment, 'cluster', stranger, now)
  const registered = entry(now, 'cluster', 'register', `Node ${node.name}, uid ${node.uid}`)
  const joined = { ...moved(enrolment, 'register', now), node: statusOf(node, undefined, now) }
  return { enrolment: joined, entries: [registered] }
}

/** Where a machine shows no DMI the kubelet gives its machine id as system UUID. */
const otherMachine = ({ facts }: EnrolmentDocument, node: ClusterNode): string | undefined => {
  if (node.machineId !== facts.machineId) {
    return `Node ${node.name} has machine id ${node.machineId}, enrolled was ${facts.machineId}`
  }
  const uuid = node.systemUuid.toLowerCase()
  if (facts.productUuid !== '' && uuid !== node.machineId && uuid !== facts.productUuid.toLowerCase()) {
    return `Node ${node.name} has system UUID ${node.systemUuid}, enrolled was ${facts.productUuid}`
  }
  return undefined
}

const decideReadiness = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  const status = node === undefined ? gone(enrolment.node) : statusOf(node, enrolment.node, now)
  const updated = status === undefined ? enrolment : { ...enrolment, node: status }
  const entries = isDeepStrictEqual(updated.node, enrolment.node) ? [] : conditionEntry(enrolment, status, now)
  if (enrolment.state === 'joined') {
    const ready = decideReady(updated, now)
    if (ready !== undefined) return { ...ready, entries: [...entries, ...ready.entries] }
  }
  return isDeepStrictEqual(updated, enrolment) ? undefined : { enrolment: updated, entries }
}

const decideReady = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  if (enrolment.node?.condition !== 'Ready') return undefined
  const at = now.toISOString()
  const issued = enrolment.attempts.findLast((attempt) => attempt.certificate !== undefined)?.certificate
  if (enrolment.agentReady === undefined) {
    const since = Date.parse(enrolment.node.ready ?? at)
    if (now.getTime() - since < silenceLimit) return undefined
    return {
      enrolment: { ...moved(enrolment, 'become-ready', now), ready: at, confirmed: false },
      entries: [entry(now, 'server', 'become-ready', 'Node Ready; not confirmed by the agent', true)]
    }
  }
  if (issued === undefined) return undefined
  if (!isDeepStrictEqual(enrolment.agentReady.certificate, issued)) {
    if (enrolment.reason !== undefined) return undefined
    const reason = `the agent holds certificate ${enrolment.agentReady.certificate.serial}, issued was ${issued.serial}`
    const { enrolment: alerted, entries } = decideConflict(enrolment, 'server', reason, now)
    return { enrolment: { ...alerted, reason }, entries }
  }
  return {
    enrolment: { ...moved(enrolment, 'become-ready', now), ready: at, confirmed: true },
    entries: [entry(now, 'server', 'become-ready', `Node Ready; agent holds certificate serial ${issued.serial}`)]
  }
}

/** A Node of an enrolment that must not have one: the name is to be banned, once. */
const decideUnwanted = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  if (node === undefined || enrolment.banned || !isOurs(enrolment, node)) return undefined
  const detail = `Node ${node.name} appeared for an enrolment that is ${enrolment.state}; its name is banned`
  return { enrolment: { ...enrolment, banned: true }, entries: [entry(now, 'cluster', 'unwanted-node', detail, true)] }
}

const statusOf = (node: ClusterNode, before: NodeStatus | undefined, now: Date): NodeStatus => {
  const condition = node.ready === 'True' ? 'Ready' : node.ready === 'False' ? 'NotReady' : 'Unknown'
  const since = before?.condition === 'Ready' ? before.ready : now.toISOString()
  return {
    uid: node.uid,
    registered: node.created.toISOString(),
    condition,
    message: node.ready === 'True' ? '' : `${node.reason}: ${node.message}`,
    ...(condition === 'Ready' && since !== undefined ? { ready: since } : {})
  }
}

const gone = (before: NodeStatus | undefined): NodeStatus | undefined =>
  before === undefined ? undefined : { ...before, condition: 'Gone', message: 'the Node was deleted' }

const conditionEntry = (before: EnrolmentDocument, status: NodeStatus | undefined, now: Date) =>
  status === undefined || status.condition === before.node?.condition
    ? []
    : [entry(now, 'cluster', 'node-condition', `${status.condition} ${status.message}`.trim())]
