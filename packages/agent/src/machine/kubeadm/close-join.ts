import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { paths, units } from '../../host/paths.ts'
import { removeJoinFiles } from './join-unit.ts'

/**
 * Time limit of the stop, in milliseconds. It is longer than systemd's own time-out for a stop (90 s), after which
 * systemd kills.
 */
const stopTimeout = 120_000

/**
 * Ends a join that did not end well. First it stops what runs, because kubeadm and the kubelet would write or use the
 * credential again. Then it removes the files, also if a stop failed. The kubelet stays enabled: the next join starts
 * it. Join log and the unit's state stay, so that the failure can still be told.
 */
export const closeJoin = async (files: Files, exec: Exec, runDirectory: string): Promise<void> => {
  try {
    await exec(['systemctl', 'stop', units.join, units.kubelet], { timeout: stopTimeout })
  } finally {
    await files.remove(paths.bootstrapConf)
    await removeJoinFiles(files, runDirectory)
  }
}
