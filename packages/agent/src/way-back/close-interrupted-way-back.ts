import type { Files } from '@joinery/host/files'
import { bootId } from '../host/machine-ids.ts'
import { paths } from '../host/paths.ts'
import type { RecoveryFile } from '../journal/recovery-record.ts'

/**
 * Removes the credential of a way back that a reboot interrupted, at boot, before the kubelet. The kubelet may have asked for a certificate
 * already, with a key that the power cut took. It would ask with another one by the same credential, as a thief would. Returns the number
 * of the attempt, which the next claim closes. Undefined if nothing was left.
 *
 * It does so on a copy of the disk, too, as for a join.
 */
export const closeInterruptedWayBack = async (record: RecoveryFile, files: Files): Promise<number | undefined> => {
  const placed = await record.placedAnywhere()
  if (placed === undefined || placed.bootId === (await bootId(files))) return undefined
  if (!(await files.exists(paths.bootstrapConf))) return undefined
  await files.remove(paths.bootstrapConf)
  return placed.attempt
}
