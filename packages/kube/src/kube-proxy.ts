import { type Manifest, read } from './apply.ts'
import type { Connection } from './connection.ts'

/** Role that kubeadm's addon kube-proxy comes with. */
export const kubeProxyRole: Manifest = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'kube-proxy', namespace: 'kube-system' }
}

export const hasKubeProxy = async (admin: Connection): Promise<boolean> =>
  (await read(admin, kubeProxyRole)) !== undefined
