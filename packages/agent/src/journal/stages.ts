import { type PhaseName, phaseOf } from '@joinery/protocol'

/** Longest stage text of the protocol, in characters. */
const limit = 256

/** The stages in kubeadm's output so far, each as kubeadm words it. */
export const stages = (output: readonly string[]): string[] =>
  output.filter((line) => phaseOf(line) !== undefined).map((line) => line.trim().slice(0, limit))

/** A phase that kubeadm began. */
export interface Phase {
  name: PhaseName
  /** The last stage line of the phase. */
  stage: string
  /** True if the next phase began, or the join was over. */
  ended: boolean
}

/** The phases in kubeadm's output so far, in their order. All but the last one have ended. */
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

/** True if kubeadm itself says that it failed before it asked etcd for a member. */
export const endedBeforeEtcd = (output: readonly string[]): boolean =>
  output.some((line) => /^error: error execution phase (preflight|control-plane-prepare|check-etcd)\b/.test(line))
