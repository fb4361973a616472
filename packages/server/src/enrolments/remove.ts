import { ProblemError } from '@joinery/protocol'
import type { ClusterNode } from '../cluster/cluster.ts'
import { isDeletable } from '../reconcile/unwanted-node.ts'
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

/** Throws `illegal-event` where Node or enrolment is a control plane's. */
export const requireWorker = (enrolment: EnrolmentDocument | undefined, node: ClusterNode | undefined): void => {
  const { role = 'worker' } = enrolment ?? {}
  if (node === undefined ? role === 'worker' : isDeletable({ role }, node)) return
  const name = node?.name ?? enrolment?.name
  throw new ProblemError('illegal-event', {
    detail: `${name} is a control plane: to take it away needs root on a control-plane host`,
    remedy: `there: kubeadm reset, then: kubectl --kubeconfig /etc/kubernetes/admin.conf delete node ${name}`
  })
}
