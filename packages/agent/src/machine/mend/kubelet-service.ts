import { units } from '../host/paths.ts'
import { unitProperties } from '../host/unit.ts'
import type { Mender } from './mender.ts'

/** One that is masked stays so: that was somebody's decision. */
export const mendKubeletService: Mender = async ({ exec, change, cannot }) => {
  const { LoadState, UnitFileState } = await unitProperties(exec, units.kubelet, ['LoadState', 'UnitFileState'])
  if (LoadState !== 'loaded') return cannot(`enable ${units.kubelet}: it is ${LoadState}`)
  if (UnitFileState === 'enabled') return
  const planned = { verb: 'enable', object: units.kubelet, before: UnitFileState ?? '', after: 'enabled' } as const
  await change(planned, () => exec(['systemctl', 'enable', units.kubelet]))
}
