import type { Exec } from '@joinery/host/exec'
import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { units } from '../../host/paths.ts'

/** The kubelet's last lines that `journalctl` shows with these options, without secrets. Empty if they cannot be read. */
export const kubeletLog = async (exec: Exec, ...options: readonly string[]): Promise<string[]> => {
  const log = await exec(['journalctl', `--unit=${units.kubelet}`, ...options, '--output=cat', '--no-pager']).catch(
    () => ''
  )
  return maskSecrets(log)
    .split('\n')
    .filter((line) => line.trim() !== '')
}
