import { hash } from 'node:crypto'
import { hasJoined, isReady, mayHaveNode, type NodeStatus, startupTaint } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/** The condition Ready of a Node, and why it is not Ready: nothing until the kubelet has said why. */
export const nodeCondition = ({
  ready,
  reason,
  message
}: Pick<ClusterNode, 'ready' | 'reason' | 'message'>): Pick<NodeStatus, 'message'> & {
  condition: Exclude<NodeStatus['condition'], 'Gone'>
} => ({
  condition: ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown',
  message: ready === 'True' ? '' : [reason, message].filter((text) => text !== '').join(': ')
})

/** True if the kubelet says, by the message of the condition Ready, that its runtime has no configuration of a network plugin. */
export const lacksPlugin = (message: string): boolean =>
  /NetworkPluginNotReady|cni plugin not initialized|cni config uninitialized/i.test(message)

/**
 * Stamp of all that the server reads of a Node: two Nodes with the same stamp are the same to it. A kubelet writes the times of
 * its conditions every few minutes, and nothing follows from them.
 */
export const nodeStamp = (node: ClusterNode): string => {
  const { uid, machineId, systemUuid, addresses, labels, taints, conditions } = node
  const identity = [uid, machineId, systemUuid, addresses]
  return hash('sha256', JSON.stringify([...identity, nodeCondition(node), conditions, labels, taints]))
}

/** The enrolment without what is kept of a Node that is not Ready: the Node is Ready, or gone. */
export const withoutCause = (enrolment: EnrolmentDocument): EnrolmentDocument => {
  const { cause: _, reported: __, ...diagnosis } = enrolment.diagnosis
  return { ...enrolment, diagnosis }
}

/** The enrolment after a change of its state. A cause is of its own Node, and a report of a machine that may have one. */
export const withCauseOfState = (enrolment: EnrolmentDocument): EnrolmentDocument => {
  if (!mayHaveNode(enrolment)) return withoutCause(enrolment)
  const { cause, ...diagnosis } = enrolment.diagnosis
  return cause === undefined || hasJoined(enrolment) ? enrolment : { ...enrolment, diagnosis }
}

/** Service of the Node, as operators see it. Both are absent for a code without gates, and before the enrolment is ready. */
interface ServiceView {
  /** Time since which the Node is in service. */
  inService?: string
  /** Sentences about the things that are missing until then. Never empty. */
  notYet?: string[]
}

export const serviceView = (enrolment: EnrolmentDocument): ServiceView => {
  const { terms, service, node } = enrolment
  if (terms.readyWhen === undefined || !isReady(enrolment)) return {}
  const own = service?.node === node?.uid ? service : undefined
  if (own?.since !== undefined) return { inService: own.since }
  if (own?.opened !== undefined) return { notYet: [`the server takes ${startupTaint.key} away`] }
  return { notYet: own?.notYet ?? ['the server has not looked at the gates yet'] }
}

/** The service in words, to follow what else is said about the enrolment. Empty if there is nothing to say. */
export const serviceWords = (enrolment: EnrolmentDocument): string => {
  const { inService, notYet } = serviceView(enrolment)
  if (notYet !== undefined) {
    const [first = '', ...others] = notYet
    return `; not yet in service: ${first}${others.length === 0 ? '' : `, and ${others.length} more`}`
  }
  if (inService === undefined) return ''
  return `; in service${enrolment.service?.putBack ? `, and somebody put ${startupTaint.key} back` : ''}`
}
