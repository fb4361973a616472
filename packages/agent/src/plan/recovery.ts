import { isDeepStrictEqual } from 'node:util'
import { hasOpenAttempt, type SeenEnrolment } from '@joinery/protocol'
import type { Attempt, Failure } from '../journal/journal.ts'
import type { JoinState, NodeReadiness } from '../machine/port/looking.ts'
import type { Step } from './step.ts'

/** A join that this agent began: what the journal knows, and what is on the machine now. The machine decides. */
export interface BegunJoin {
  attempt: Attempt
  /** True if the machine has not been rebooted since the attempt began. */
  sameBoot: boolean
  join: JoinState
  /** The server's last answer. Undefined if it was not asked yet. */
  enrolment?: SeenEnrolment | 'none'
}

/** The steps for a join that this agent began. */
export type Recovery = Extract<
  Step,
  // still at work, or joined: go on
  | { do: 'follow' | 'await-node' }
  // close the attempt, leave etcd, report it, clean, and then claim another one
  | { do: 'close' | 'leave-etcd' | 'report-failed' | 'reset' }
  // never started: the same attempt, if the server still has it open
  | { do: 'ask' | 'claim-and-join' | 'wait' }
>

/**
 * The next step for a join of this agent, however it was interrupted. Level-triggered: there is no other resume code.
 * Undefined if nothing of the join is left to do. What is on the machine then is somebody else's, and preflight shows
 * it.
 */
export const recover = ({ attempt, sameBoot, join, enrolment }: BegunJoin): Recovery | undefined => {
  const { number, nodeName, failure } = attempt
  if (failure !== undefined) {
    // before another control plane may join: etcd takes one new member at a time, and waits for this one
    if (mayBeInEtcd(attempt) && isOurs(attempt, join)) return { do: 'leave-etcd' }
    if (!attempt.reported) return { do: 'report-failed', attempt: number, failure }
    return isOurs(attempt, join) ? { do: 'reset' } : undefined
  }
  if (join.unit === 'running') return { do: 'follow', attempt: number }
  // the kubelet has its identity: from here on it needs no credential of ours, whatever became of kubeadm. On a
  // control plane it got its identity by the API server beside it, so that this and etcd are whole (kubeadm 1.34 and
  // later).
  if (isIdentified(join)) return { do: 'await-node', nodeName, certificate: join.certificate }
  if (join.unit === 'failed') return { do: 'close' }
  if (join.unit === 'succeeded') return { do: 'close', failure: vanished }
  if (!sameBoot) return { do: 'close', failure: interrupted(attempt) }
  if (isOpen(enrolment, number)) return { do: 'claim-and-join' }
  if (isUnknown(enrolment)) return { do: 'wait', seconds: 50, reason: newerServer(enrolment.message) }
  return enrolment === undefined ? { do: 'ask' } : { do: 'close', failure: interrupted(attempt) }
}

/** True if the kubelet has its own identity. */
export const isIdentified = (join: JoinState): join is JoinState & Required<Pick<JoinState, 'certificate'>> =>
  join.kubeletConf && join.certificate !== undefined

const isOpen = (enrolment: BegunJoin['enrolment'], attempt: number): boolean =>
  typeof enrolment === 'object' && hasOpenAttempt(enrolment) && enrolment.attempt === attempt

/** The reason for waiting in a state that this agent does not know. It may know the next one. */
export const newerServer = (message: string): string =>
  `${message}; the pairing server is newer than this joinery-agent, which does not know this state, and waits`

const isUnknown = (enrolment: BegunJoin['enrolment']): enrolment is SeenEnrolment =>
  typeof enrolment === 'object' && enrolment.state === 'unknown'

/** True if the kubelet holds the certificate that it held when the attempt was closed: nobody has joined the machine since. */
const isOurs = (attempt: Attempt, { certificate }: JoinState): boolean =>
  isDeepStrictEqual(certificate, attempt.certificate)

/** True if a join that failed may have made a member of etcd beside it. */
export const mayBeInEtcd = ({ controlPlane, leftEtcd, untouched }: Attempt): boolean =>
  controlPlane?.etcdHosts !== undefined && !leftEtcd && !untouched

/**
 * Failure of a join that was interrupted, with the stage that it reached at least: the journal is on the disk,
 * kubeadm's output is not.
 */
export const interrupted = ({ phases = [] }: Pick<Attempt, 'phases'>): Failure => ({
  class: 'transient',
  stage: phases.at(-1)?.stage ?? '',
  cause: 'the join was interrupted: a power cut or a reboot',
  remedy: [],
  output: []
})

const vanished: Failure = {
  class: 'machine',
  stage: '',
  cause: 'kubeadm has joined this machine, but the kubelet has no certificate: somebody has removed it since',
  remedy: ['journalctl -u kubelet -n 50'],
  output: []
}

/**
 * Reason why `kubeadm reset` must not run now, by what is true just now. Undefined if it may. `node` is the Node as
 * the kubelet's own credential sees it. It is not asked if the kubelet has no credential.
 */
export const refusesReset = (
  attempt: Attempt | undefined,
  join: JoinState,
  node: NodeReadiness | undefined
): string | undefined => {
  const refusal = refusesLeaving(attempt, join, node)
  if (attempt === undefined || refusal !== undefined) return refusal
  // with its data the member would be gone for good, and its vote would still count
  if (mayBeInEtcd(attempt)) return 'this machine may still be a member of etcd'
  if (!attempt.reported) return `the server does not know yet that attempt ${attempt.number} failed`
  return undefined
}

/** Reason why the member of etcd must not leave now. Undefined if it may. */
export const refusesLeaving = (
  attempt: Attempt | undefined,
  join: JoinState,
  node: NodeReadiness | undefined
): string | undefined => {
  if (attempt === undefined) return 'this agent began no join here'
  if (attempt.failure === undefined) return `attempt ${attempt.number} has not failed`
  if (join.unit === 'running') return 'kubeadm is at work'
  if (!isOurs(attempt, join)) return 'somebody has joined this machine since'
  return refusesNode(attempt.nodeName, node)
}

/** Reason why a join must not be undone, judged only by the Node. Undefined if the Node is no reason. */
export const refusesNode = (name: string, node: NodeReadiness | undefined): string | undefined => {
  if (node?.ready) return `the Node ${name} is Ready`
  if (node?.unknown) return `whether the Node ${name} is Ready is not known: ${node.message}`
  return undefined
}
