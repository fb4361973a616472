/** The phases of `kubeadm join` on a worker, by kubeadm's own names. */
export type PhaseName = 'preflight' | 'kubelet-start' | 'kubelet-wait-bootstrap'

/**
 * Lines of `kubeadm join` (v1.34 to v1.37) that tell where a worker is, in their order, with the phase that prints them.
 * Marks, not an API: none is needed.
 */
const marks: readonly (readonly [RegExp, PhaseName | 'joined'])[] = [
  [/^\[preflight\] Running pre-flight checks/, 'preflight'],
  [/^\[preflight\] Reading configuration from/, 'preflight'],
  [/^\[kubelet-start\] Writing kubelet configuration/, 'kubelet-start'],
  [/^\[kubelet-start\] Starting the kubelet/, 'kubelet-start'],
  [/^\[kubelet-check\] Waiting for a healthy kubelet/, 'kubelet-wait-bootstrap'],
  [/^\[kubelet-check\] The kubelet is (not )?healthy after/, 'kubelet-wait-bootstrap'],
  [/^\[kubelet-start\] Waiting for the kubelet to perform the TLS Bootstrap/, 'kubelet-wait-bootstrap'],
  [/^This node has joined the cluster/, 'joined']
]

/** The protocol's limit of a stage. */
const limit = 256

const phaseOf = (line: string): PhaseName | 'joined' | undefined => marks.find(([mark]) => mark.test(line))?.[1]

/** The stages in what kubeadm printed so far, each as kubeadm words it. */
export const stages = (output: readonly string[]): string[] =>
  output.filter((line) => phaseOf(line) !== undefined).map((line) => line.trim().slice(0, limit))

/** How far a join is whose last stage is that one: stages that have begun, of how many. */
export const progressOf = (stage: string | undefined): { done: number; of: number } => ({
  done: stage === undefined ? 0 : marks.findIndex(([mark]) => mark.test(stage)) + 1,
  of: marks.length
})

/** A phase that kubeadm began. */
export interface Phase {
  name: PhaseName
  /** The last stage line of it. */
  stage: string
  /** The next one began, or the join was over. */
  ended: boolean
}

/** The phases in what kubeadm printed so far, in their order. All but the last one have ended. */
export const phases = (output: readonly string[]): Phase[] => {
  const begun: Phase[] = []
  for (const stage of stages(output)) {
    const name = phaseOf(stage) as PhaseName | 'joined'
    const last = begun.at(-1)
    if (last !== undefined && last.name !== name) last.ended = true
    if (name === 'joined') break
    if (last?.name === name) last.stage = stage
    else begun.push({ name, stage, ended: false })
  }
  return begun
}
