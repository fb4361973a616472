import { timeServices } from '../preflight/time-service.ts'
import { unitsProperties } from '../unit.ts'
import type { Mender } from './mender.ts'

/** Turns on the one that runs, or else the first that is installed: two would pull at one clock. */
export const mendTimeService: Mender = async ({ exec, change, cannot }) => {
  const known = await unitsProperties(exec, timeServices, ['Id', 'LoadState', 'UnitFileState', 'ActiveState'])
  const usable = known.filter(({ LoadState }) => LoadState === 'loaded')
  const unit = usable.find(({ ActiveState }) => ActiveState === 'active') ?? usable[0]
  if (unit?.Id === undefined) return cannot('turn on a time service: none is installed that may run')
  const { Id, UnitFileState, ActiveState } = unit
  if (UnitFileState === 'enabled' && ActiveState === 'active') return
  const planned = { verb: 'enable', object: Id, before: `${UnitFileState}, ${ActiveState}`, after: 'enabled' } as const
  await change(planned, () => exec(['systemctl', 'enable', '--now', Id]))
}
