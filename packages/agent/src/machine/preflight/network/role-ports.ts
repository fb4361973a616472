import { type ClusterFacts, dialBackPorts, type Role } from '@joinery/protocol'

/** TCP port of the kubelet's API: the only port of a worker that the control plane connects to. */
export const kubeletPort = 10250

/** TCP ports on which others connect to a machine of this role. If nobody said, etcd is stacked, as kubeadm does it. */
export const portsOf = (role: Role, etcd: ClusterFacts['etcd']): number[] => {
  const { kubelet, 'kube-apiserver': apiServer, etcd: members } = dialBackPorts
  if (role === 'worker') return [...kubelet]
  return [...kubelet, ...apiServer, ...(etcd === 'external' ? [] : members)]
}
