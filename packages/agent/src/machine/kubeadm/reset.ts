import type { Exec } from '@joinery/host/exec'
import { units } from '../../host/paths.ts'
import { joinUnit } from './join-unit.ts'

const timeout = 5 * 60_000

/**
 * Runs `kubeadm reset --force` in its own unit, outside the agent's sandbox, because it unmounts. Waits for the end.
 * Rejects with CommandError if the reset failed. Afterwards the unit of the join has forgotten that it failed.
 */
export const reset = async (exec: Exec): Promise<void> => {
  await exec(['systemctl', 'start', units.reset], { timeout })
  // a unit that has nothing to forget may be unloaded, and then systemd refuses
  if ((await joinUnit(exec)) === 'failed') await exec(['systemctl', 'reset-failed', units.join])
}
