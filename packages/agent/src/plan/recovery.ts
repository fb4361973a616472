import { isDeepStrictEqual } from 'node:util'
import { hasOpenAttempt, type SeenEnrolment } from '@joinery/protocol'
import type { Attempt, Failure } from '../journal/journal.ts'
import type { JoinState, NodeReadiness } from '../machine/port/looking.ts'
import type { Step } from './step.ts'

/** A join that this agent began: what the journal knows, and what is on the machine now, which decides. */
export interface BegunJoin {
  attempt: Attempt
  /** The machine has not been rebooted since the attempt began. */
  sameBoot: boolean
  join: JoinState
  /** What the server said last; undefined: it was not asked yet. */
  enrolment?: SeenEnrolment | 'none'
}

/** What becomes of a join that this agent began. */
export type Recovery = Extract<
  Step,
  // still at work, or joined: go on
  | { do: 'follow' | 'await-node' }
  // close the attempt, leave etcd, report it, clean, and then claim another one
  | { do: 'close' | 'leave-etcd' | 'report-failed' | 'reset' }
  // never started: the same attempt, where the server still has it open; or until it is known what the server has
  | { do: 'ask' | 'claim-and-join' | 'wait' }
>

/**
 * The next step for a join of this agent, however it was interrupted: level-triggered, there is no other resume code.
 * Undefined where nothing of it is left to do: what is on the machine then is somebody else's, and preflight shows it.
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
  // the kubelet has its identity: from here on it needs no credential of ours, whatever became of kubeadm. On a control plane
  // it got that by the API server beside it, so that this and etcd are whole (kubeadm 1.34 and later).
  if (isIdentified(join)) return { do: 'await-node', nodeName, certificate: join.certificate }
  if (join.unit === 'failed') return { do: 'close' }
  if (join.unit === 'succeeded') return { do: 'close', failure: vanished }
  if (!sameBoot) return { do: 'close', failure: interrupted(attempt) }
  if (isOpen(enrolment, number)) return { do: 'claim-and-join' }
  if (isUnknown(enrolment)) return { do: 'wait', seconds: 50, reason: newerServer(enrolment.message) }
  return enrolment === undefined ? { do: 'ask' } : { do: 'close', failure: interrupted(attempt) }
}

/** The kubelet can speak for itself. */
export const isIdentified = (join: JoinState): join is JoinState & Required<Pick<JoinState, 'certificate'>> =>
  join.kubeletConf && join.certificate !== undefined

const isOpen = (enrolment: BegunJoin['enrolment'], attempt: number): boolean =>
  typeof enrolment === 'object' && hasOpenAttempt(enrolment) && enrolment.attempt === attempt

/** The reason for waiting in a state that this agent does not know. It may know the next one. */
export const newerServer = (message: string): string =>
  `${message}; the pairing server is newer than this joinery-agent, which does not know this state, and waits`

const isUnknown = (enrolment: BegunJoin['enrolment']): enrolment is SeenEnrolment =>
  typeof enrolment === 'object' && enrolment.state === 'unknown'

/** The kubelet holds what it held when the attempt was closed: nobody has joined the machine since. */
const isOurs = (attempt: Attempt, { certificate }: JoinState): boolean =>
  isDeepStrictEqual(certificate, attempt.certificate)

/** With etcd beside it, a join that failed may have made a member of it. */
export const mayBeInEtcd = ({ controlPlane, leftEtcd, untouched }: Attempt): boolean =>
  controlPlane?.etcdHosts !== undefined && !leftEtcd && !untouched

/** How far it came at least: the journal is on the disk, kubeadm's output is not. */
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
  cause: 'kubeadm has joined this machine, and the kubelet has no certificate: somebody took it away since',
  remedy: ['journalctl -u kubelet -n 50'],
  output: []
}

/**
 * Why `kubeadm reset` must not be run now, by what is true just now; undefined where it may. `node`: the Node as the kubelet's
 * own credential sees it; it is not asked where the kubelet has none.
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

/** The same of the member of etcd. */
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

/** The same by the Node alone. */
export const refusesNode = (name: string, node: NodeReadiness | undefined): string | undefined => {
  if (node?.ready) return `the Node ${name} is Ready`
  if (node?.unknown) return `whether the Node ${name} is Ready is not known: ${node.message}`
  return undefined
}
