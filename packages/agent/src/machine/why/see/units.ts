import type { Exec } from '@joinery/host/exec'
import { unitsProperties } from '../../../host/unit.ts'
import type { UnitSeen } from '../seen.ts'

/** The properties of a unit that say how it is. */
export const unitNames = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'NRestarts',
  'ExecMainStatus',
  'ActiveEnterTimestampMonotonic'
] as const

/** Reads how the units are. `monotonic`: milliseconds since boot, by the clock that systemd uses. Rejects with CommandError. */
export const seeUnits = async (exec: Exec, units: readonly string[], monotonic: number): Promise<UnitSeen[]> => {
  const found = await unitsProperties(exec, units, unitNames)
  return found.map((unit, index) => {
    const { LoadState = '', ActiveState = '', SubState = '', Result = '', NRestarts, ExecMainStatus } = unit
    const since = Number(unit.ActiveEnterTimestampMonotonic ?? 0) / 1000
    return {
      unit: unit.Id ?? units[index] ?? '',
      load: LoadState,
      state: SubState.startsWith('auto-restart') ? 'auto-restart' : ActiveState,
      result: Result,
      restarts: Number(NRestarts ?? 0),
      status: Number(ExecMainStatus ?? 0),
      ...(ActiveState === 'active' && { upFor: Math.max(0, monotonic - since) })
    }
  })
}
