import { removeByHand } from '@joinery/host/text/remove-by-hand'
import { ProblemError } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { isDeletable } from '../node/unwanted-node.ts'

/** Ends an enrolment that is over or has joined. Its Node must go, which nobody need be told again, and its name is banned. */
export const decideRemove = (enrolment: EnrolmentDocument, now: Date): Decision => {
  const removed = moved(enrolment, 'remove', now)
  const { name, node } = enrolment
  const { attempts } = enrolment.join
  const effect = attempts.length === 0 ? 'nothing was given out for it' : `${name} is banned, and its Node deleted`
  const ended =
    node === undefined ? removed : { ...removed, certificates: { ...removed.certificates, unwantedNode: node.uid } }
  return { enrolment: ended, entries: [entry(now, 'operator', 'remove', `${enrolment.state}; ${effect}`)] }
}

/**
 * Throws `illegal-event` if the Node, or the enrolment that has it, is a control plane: the server deletes none. `again`: the
 * command that does it as root. Undefined if no enrolment has the Node, and so no command of ours does it.
 */
export const requireDeletable = (
  enrolment: EnrolmentDocument | undefined,
  { name, labels }: ClusterNode,
  again: string | undefined
): void => {
  if (isDeletable({ role: enrolment?.role ?? 'worker' }, { labels })) return
  throw new ProblemError('illegal-event', {
    detail: `${name} is a control plane: only root on a control-plane host can take its Node away`,
    remedy: again === undefined ? removeByHand(name) : `on another control-plane host than ${name}: sudo ${again}`
  })
}
