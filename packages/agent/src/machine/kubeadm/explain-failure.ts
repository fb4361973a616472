import type { Exec } from '@joinery/host/exec'
import type { Failure } from '../../journal/journal.ts'
import { units } from '../host/paths.ts'
import { unitProperties } from '../host/unit.ts'
import { describeFailure, kubeletKnows } from './failure.ts'
import { redact } from './join-unit.ts'

/**
 * The reason why the join failed that printed this output. What cannot be asked is left out: the failure is told all
 * the same.
 */
export const explainFailure = async (exec: Exec, output: readonly string[]): Promise<Failure> => {
  const { Result: result = '' } = await unitProperties(exec, units.join, ['Result']).catch(() => ({ Result: '' }))
  return describeFailure(output, { result, kubelet: kubeletKnows(output) ? await kubeletLog(exec) : [] })
}

/** The kubelet's last lines, without secrets. Empty if they cannot be read. */
const kubeletLog = async (exec: Exec): Promise<string[]> => {
  const log = await exec(['journalctl', `--unit=${units.kubelet}`, '--lines=20', '--output=cat', '--no-pager']).catch(
    () => ''
  )
  return log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(redact)
}
