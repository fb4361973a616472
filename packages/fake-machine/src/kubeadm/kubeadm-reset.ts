import { paths } from '@joinery/agent/testing/machine'
import type { MemoryFiles } from '../memory-files.ts'
import type { Service } from '../service.ts'
import type { RehearsalEtcd } from './etcd.ts'
import { stopStaticPods } from './static-pods.ts'

/** Plays `kubeadm reset --force`. The Node at the API server stays. */
export const kubeadmReset = async (files: MemoryFiles, kubelet: Service, etcd: RehearsalEtcd): Promise<void> => {
  await kubelet.stop()
  await stopStaticPods(files, etcd)
  for (const path of [paths.bootstrapConf, paths.kubeletConf, '/etc/kubernetes/admin.conf']) await files.remove(path)
  for (const folder of [paths.pki, paths.staticPods, paths.etcdData, '/var/lib/kubelet']) files.clear(folder)
}
