import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import { removeJoinFiles } from './join-unit.ts'
import { kubeletCertificate } from './kubelet-certificate.ts'

/**
 * Removes the files of startJoin, and bootstrap-kubelet.conf if the kubelet has its certificate. kubeadm removes that
 * file itself, unless the power was cut before.
 */
export const removeSecrets = async (files: Files, runDirectory: string): Promise<void> => {
  await removeJoinFiles(files, runDirectory)
  if ((await kubeletCertificate(files)) !== undefined) await files.remove(paths.bootstrapConf)
}
