import { isControlPlane, ProblemError } from '@joinery/protocol'
import type { ClusterNode } from '../cluster/cluster.ts'
import type { EnrolmentDocument } from '../store/store.ts'
import { type Decision, entry, moved } from './decision.ts'

/** Ends an enrolment that is over or has joined: its Node is to go, of which nobody need be told again, and its name is banned. */
export const decideRemove = (enrolment: EnrolmentDocument, now: Date): Decision => {
  const removed = moved(enrolment, 'remove', now)
  const { attempts, name, node } = enrolment
  const effect = attempts.length === 0 ? 'nothing was given out for it' : `${name} is banned, and its Node deleted`
  const ended = node === undefined ? removed : { ...removed, unwantedNode: node.uid }
  return { enrolment: ended, entries: [entry(now, 'operator', 'remove', `${enrolment.state}; ${effect}`)] }
}

/** A control plane takes an etcd member along, and perhaps the cluster. Throws `illegal-event`. */
export const requireWorker = (node: ClusterNode | undefined): void => {
  if (node === undefined || !isControlPlane(node)) return
  throw new ProblemError('illegal-event', {
    detail: `the Node ${node.name} is a control plane: to take it away needs root on a control-plane host`,
    remedy: `there: kubeadm reset, then: kubectl --kubeconfig /etc/kubernetes/admin.conf delete node ${node.name}`
  })
}
