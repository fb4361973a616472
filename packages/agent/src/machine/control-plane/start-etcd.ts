import { httpsUrl } from '@joinery/etcd'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { stringify } from 'yaml'
import { paths, units } from '../../host/paths.ts'
import { apiServerPort } from '../kubeadm/join-configuration.ts'

/**
 * Has the kubelet run the static Pods that a closed join left, if etcd is one of them. Without the vote of this
 * member etcd may be able to do nothing, not even let it go. The kubelet gets no credential: it starts by a
 * bootstrap-kubelet.conf without one, and can become no Node. `closeJoin` stops this kubelet.
 */
export const startEtcd = async (files: Files, exec: Exec, address: string): Promise<void> => {
  const authority = await files.read(paths.clusterAuthority)
  if (authority === undefined || !(await files.exists(paths.etcdManifest))) return
  await files.write(paths.bootstrapConf, withoutCredential(address, authority), 0o600)
  await exec(['systemctl', 'start', '--no-block', units.kubelet])
}

const withoutCredential = (address: string, authority: string): string => {
  const ca = Buffer.from(authority).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'cluster', cluster: { server: httpsUrl(address, apiServerPort), 'certificate-authority-data': ca } }
    ],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'etcd', context: { cluster: 'cluster', user: 'nobody' } }],
    'current-context': 'etcd'
  })
}
