import type { Exec } from '@joinery/host/exec'
import { units } from '../../host/paths.ts'
import { unitProperties } from '../../host/unit.ts'
import type { Failure } from '../../journal/journal.ts'
import { describeFailure, kubeletKnows } from './failure.ts'
import { kubeletLog } from './kubelet-log.ts'

/**
 * The reason why the join failed that printed this output. What cannot be asked is left out: the failure is told all
 * the same.
 */
export const explainFailure = async (exec: Exec, output: readonly string[]): Promise<Failure> => {
  const { Result: result = '' } = await unitProperties(exec, units.join, ['Result']).catch(() => ({ Result: '' }))
  return describeFailure(output, { result, kubelet: kubeletKnows(output) ? await kubeletLog(exec, '--lines=20') : [] })
}
