import { joinFiles, paths } from '@joinery/agent/testing/machine'
import type { MemoryFiles } from '../memory-files.ts'
import type { Process } from '../service.ts'
import { type ActParts, acts, Failure, readGiven } from './kubeadm-acts.ts'
import { controlPlaneLines, type Stage, stackTrace, stageLines } from './kubeadm-texts.ts'

export interface JoinParts extends ActParts {
  files: MemoryFiles
  runDirectory: string
  /** Milliseconds before each stage. */
  pace: number
  /** Takes the fault of the next join. Called once a join. */
  takeFault: () => Fault | undefined
  /** Told each stage when it was printed, before kubeadm acts on it, and again after the act. */
  reached: (stage: Stage, when: 'printed' | 'done') => void
}

export interface Fault {
  stage: Stage
  lines: readonly string[]
}

/** Stages of waiting. From the first one on, kubeadm removes bootstrap-kubelet.conf when it ends, unless a signal ends it. */
const waiting: readonly Stage[] = [
  'kubelet-check',
  'kubelet-healthy',
  'bootstrap',
  'mark',
  'control-plane-check',
  'joined'
]

/** Plays `kubeadm join`, with the files that the agent wrote. */
export const kubeadmJoin =
  (parts: JoinParts): Process =>
  async (signal) => {
    const { files, clock, runDirectory, pace, takeFault, reached } = parts
    const { configuration, log } = joinFiles(runDirectory)
    const print = (lines: readonly string[]): void => files.append(log, lines.map((line) => `${line}\n`).join(''))
    const run = { ...parts, ...(await readGiven(files, configuration)), signal }
    const fault = takeFault()
    const lines: Partial<Record<Stage, readonly string[]>> = run.address === undefined ? stageLines : controlPlaneLines
    for (const [stage, text] of Object.entries(lines) as [Stage, readonly string[]][]) {
      await clock.sleep(pace, signal)
      signal.throwIfAborted()
      try {
        if (fault?.stage === stage) throw new Failure(fault.lines)
        print(text)
        reached(stage, 'printed')
        signal.throwIfAborted()
        await acts[stage]?.(run)
        reached(stage, 'done')
        signal.throwIfAborted()
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (waiting.includes(stage)) await files.remove(paths.bootstrapConf)
        print([...error.lines, stackTrace])
        return false
      }
    }
    return true
  }
