import { isDeepStrictEqual } from 'node:util'
import type { Journal } from '../journal/journal.ts'
import type { JoinState, NodeReadiness } from '../machine/port/looking.ts'
import { isIdentified, refusesNode } from './recovery.ts'
import type { Step } from './step.ts'

/** The knowledge about a machine that this agent made a Ready node. */
export interface AcceptedMachine {
  journal: Journal
  join: JoinState
  /** A code that no server has taken yet. */
  code?: string
  /** The Node as the kubelet's own credential sees it. Undefined if it was not asked. */
  ownNode?: NodeReadiness
}

/** True if there is a code and a kubelet. Only the Node can say whether the machine is done or starts again. */
export const asksForNode = ({ journal, join, code }: Omit<AcceptedMachine, 'ownNode'>): boolean =>
  journal.accepted === true && journal.joined !== undefined && code !== undefined && join.kubeletConf

/** The next step of a machine whose join was accepted. It is done, unless it got a new code and has no Node. */
export const planAccepted = ({
  journal: { joined },
  join,
  code,
  ownNode
}: AcceptedMachine): Extract<Step, { do: 'finish' | 'keep' | 'start-anew' }> => {
  if (code === undefined) return { do: 'finish' }
  if (!join.kubeletConf) return { do: 'start-anew' }
  if (joined === undefined || ownNode === undefined || ownNode.ready) return { do: 'finish' }
  if (!ownNode.unknown) return { do: 'start-anew' }
  const unsure = `whether the Node ${joined.nodeName} is Ready is not known: ${ownNode.message}`
  return { do: 'keep', reason: `there is a new code, and ${unsure}; if the Node is gone for good: kubeadm reset` }
}

/** True if the join on this machine is this agent's own, whole or partly taken back. Nobody has joined the machine since. */
export const isOwnEarlierJoin = ({ accepted, attempt, joined }: Journal, join: JoinState): boolean => {
  if (joined === undefined || accepted || attempt !== undefined || join.bootstrapConf) return false
  const same = isDeepStrictEqual(join.certificate, joined.certificate)
  return isIdentified(join) ? same : joined.resetting === true && (same || join.certificate === undefined)
}

/**
 * Reason why an earlier join of this agent must not be taken back, by what is true just now. Undefined if it may be.
 * `node` is as in `refusesReset`.
 */
export const refusesTakingBack = (
  journal: Journal,
  join: JoinState,
  node: NodeReadiness | undefined
): string | undefined => {
  const { accepted, attempt, joined } = journal
  if (joined === undefined) return 'this agent has made no Ready node of this machine'
  if (accepted) return 'this machine was not given a new code'
  if (attempt !== undefined) return `attempt ${attempt.number} is under way`
  if (join.unit === 'running') return 'kubeadm is at work'
  if (!isOwnEarlierJoin(journal, join)) return 'the kubelet has another certificate than this agent left it with'
  return refusesNode(joined.nodeName, node)
}
