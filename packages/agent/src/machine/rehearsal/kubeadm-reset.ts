import { paths } from '../paths.ts'
import type { MemoryFiles } from './memory-files.ts'
import type { Service } from './service.ts'

/** `kubeadm reset --force`: the Node at the API server stays. */
export const kubeadmReset = async (files: MemoryFiles, kubelet: Service): Promise<void> => {
  await kubelet.stop()
  for (const path of [paths.bootstrapConf, paths.kubeletConf, paths.clusterAuthority]) await files.remove(path)
  files.clear('/var/lib/kubelet')
}
