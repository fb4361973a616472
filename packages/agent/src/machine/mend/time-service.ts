import { timeService } from '../host/time-services.ts'
import type { Mender } from './mender.ts'

/** One that is masked stays so: that was somebody's decision. */
export const mendTimeService: Mender = async ({ exec, change, cannot }) => {
  const found = await timeService(exec)
  if (found === undefined || found.state === 'masked') {
    return cannot('turn on a time service: none is installed that may run')
  }
  const { unit, file, state } = found
  if (file === 'enabled' && state === 'active') return
  const planned = { verb: 'enable', object: unit, before: `${file}, ${state}`, after: 'enabled' } as const
  await change(planned, () => exec(['systemctl', 'enable', '--now', unit]))
}
