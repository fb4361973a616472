import { units } from '../../host/paths.ts'
import { timeService } from '../../host/time-services.ts'
import { unitProperties } from '../../host/unit.ts'
import type { Mender } from './mender.ts'

/** Enables the kubelet's service. A kubelet that is masked stays masked: that was somebody's decision. */
export const mendKubeletService: Mender = async ({ exec, change, cannot }) => {
  const { LoadState, UnitFileState } = await unitProperties(exec, units.kubelet, ['LoadState', 'UnitFileState'])
  if (LoadState !== 'loaded') return cannot(`enable ${units.kubelet}: it is ${LoadState}`)
  if (UnitFileState === 'enabled') return
  const planned = { verb: 'enable', object: units.kubelet, before: UnitFileState ?? '', after: 'enabled' } as const
  await change(planned, () => exec(['systemctl', 'enable', units.kubelet]))
}

/** Turns a time service on. A time service that is masked stays masked: that was somebody's decision. */
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
