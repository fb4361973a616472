import type { Exec } from '@joinery/host/exec'
import { unitsProperties } from './unit.ts'

/** Units of time services, in the order in which one is chosen. An alias shows the name of the unit itself. */
export const timeServices = [
  'chrony.service',
  'chronyd.service',
  'ntpsec.service',
  'ntp.service',
  'ntpd.service',
  'openntpd.service',
  'systemd-timesyncd.service'
] as const

export interface TimeService {
  unit: string
  /** systemd's UnitFileState, as `enabled`. */
  file: string
  state: 'active' | 'inactive' | 'masked'
}

/**
 * The time service that runs. Else the first that is installed, because two would pull at one clock. Else the first
 * that is masked. Undefined if there is none. Rejects with CommandError if systemd does not answer.
 */
export const timeService = async (exec: Exec): Promise<TimeService | undefined> => {
  const units = await unitsProperties(exec, timeServices, ['Id', 'LoadState', 'UnitFileState', 'ActiveState'])
  const known = units.flatMap(({ Id: unit, LoadState, UnitFileState: file = '', ActiveState }): TimeService[] => {
    if (unit === undefined || (LoadState !== 'loaded' && LoadState !== 'masked')) return []
    if (ActiveState === 'active') return [{ unit, file, state: 'active' }]
    return [{ unit, file, state: LoadState === 'loaded' ? 'inactive' : 'masked' }]
  })
  const first = (wanted: TimeService['state']) => known.find(({ state }) => state === wanted)
  return first('active') ?? first('inactive') ?? first('masked')
}
