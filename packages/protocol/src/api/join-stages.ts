import type { Role } from './agent-api.ts'

/** The phases of `kubeadm join`, by kubeadm's own names. Only a control plane has the last four and control-plane-prepare. */
export type PhaseName =
  | 'preflight'
  | 'control-plane-prepare'
  | 'kubelet-start'
  | 'kubelet-wait-bootstrap'
  | 'check-etcd'
  | 'etcd-join'
  | 'mark-control-plane'
  | 'wait-control-plane'

interface Mark {
  line: RegExp
  phase: PhaseName | 'joined'
  controlPlane?: true
}

/**
 * Lines of `kubeadm join` (v1.34 to v1.37) that show where a machine is, in their order, with the phase that prints
 * them. They are marks, not an API: none is needed.
 */
export const joinMarks: readonly Mark[] = [
  { line: /^\[preflight\] Running pre-flight checks(?! before)/, phase: 'preflight' },
  { line: /^\[preflight\] Reading configuration from/, phase: 'preflight' },
  { line: /^\[preflight\] Running pre-flight checks before initializing/, phase: 'preflight', controlPlane: true },
  { line: /^\[preflight\] Pulling images required/, phase: 'preflight', controlPlane: true },
  { line: /^\[certs\] Using certificateDir/, phase: 'control-plane-prepare', controlPlane: true },
  { line: /^\[kubeconfig\] Generating kubeconfig files/, phase: 'control-plane-prepare', controlPlane: true },
  { line: /^\[control-plane\] Creating static Pod manifest/, phase: 'control-plane-prepare', controlPlane: true },
  { line: /^\[check-etcd\] Checking that the etcd/, phase: 'check-etcd', controlPlane: true },
  { line: /^\[kubelet-start\] Writing kubelet configuration/, phase: 'kubelet-start' },
  { line: /^\[kubelet-start\] Starting the kubelet/, phase: 'kubelet-start' },
  { line: /^\[etcd\] Announced new etcd member/, phase: 'etcd-join', controlPlane: true },
  { line: /^\[etcd\] Creating static Pod manifest/, phase: 'etcd-join', controlPlane: true },
  { line: /^\[etcd\] Waiting for the new etcd member/, phase: 'etcd-join', controlPlane: true },
  { line: /^\[kubelet-check\] Waiting for a healthy kubelet/, phase: 'kubelet-wait-bootstrap' },
  { line: /^\[kubelet-check\] The kubelet is (not )?healthy after/, phase: 'kubelet-wait-bootstrap' },
  { line: /^\[kubelet-start\] Waiting for the kubelet to perform the TLS Bootstrap/, phase: 'kubelet-wait-bootstrap' },
  { line: /^\[mark-control-plane\] Marking the node/, phase: 'mark-control-plane', controlPlane: true },
  { line: /^\[control-plane-check\] Waiting for healthy/, phase: 'wait-control-plane', controlPlane: true },
  { line: /^\[control-plane-check\] \S+ is (not )?healthy after/, phase: 'wait-control-plane', controlPlane: true },
  { line: /^This node has joined the cluster/, phase: 'joined' }
]

/** The phase that prints a line. Undefined if the line is no mark. */
export const phaseOf = (line: string): PhaseName | 'joined' | undefined =>
  joinMarks.find(({ line: mark }) => mark.test(line))?.phase

/** Progress of a join of that role after its last stage: the number of stages that have begun, of how many. */
export const progressOf = (stage: string | undefined, role: Role): { done: number; of: number } => {
  const own = joinMarks.filter(({ controlPlane }) => role === 'control-plane' || !controlPlane)
  return { done: stage === undefined ? 0 : own.findIndex(({ line }) => line.test(stage)) + 1, of: own.length }
}
