import type { Exec } from '@joinery/host/exec'
import { minute } from '@joinery/protocol'
import { units } from '../../host/paths.ts'
import { unitProperties } from '../../host/unit.ts'
import { kubeletLog } from '../kubeadm/kubelet-log.ts'
import type { KubeletUnit } from '../port/recovering.ts'

/** A kubelet without a credential ends within seconds. One that has run for this long has one, in milliseconds. */
const hasStarted = minute

/** Words of client-go in the log of a kubelet whose certificate the API server does not take any more. */
const refusal = /system:anonymous|\bUnauthorized\b/

/**
 * The state of the kubelet's unit. `active` is no sign of health: a kubelet whose certificate ended while it ran stays
 * active, and asks as anybody. `now` is monotonic milliseconds since boot, as systemd's.
 */
export const kubeletUnit = async (exec: Exec, now: number): Promise<KubeletUnit> => {
  const unit = await unitProperties(exec, units.kubelet, ['ActiveState', 'ActiveEnterTimestampMonotonic'])
  const since = Number(unit.ActiveEnterTimestampMonotonic ?? 0) / 1000
  if (unit.ActiveState === 'active' && now - since >= hasStarted) {
    const lines = await kubeletLog(exec, '--since=-15min', '--lines=400')
    return { state: 'runs', refused: lines.some((line) => refusal.test(line)) }
  }
  return { state: unit.ActiveState === 'inactive' || unit.ActiveState === 'failed' ? 'stopped' : 'ends' }
}

/** The kubelet's last lines as they are reported: without secrets, and of a bounded length. */
export const lastLines = async (exec: Exec): Promise<string[]> =>
  (await kubeletLog(exec, '--lines=20')).map((line) => line.slice(0, 512))
