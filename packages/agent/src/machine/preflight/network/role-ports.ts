import { type ClusterFacts, dialBackPorts, type Role } from '@joinery/protocol'

/** Of the kubelet's API: the one port of a worker that the control plane comes to. */
export const kubeletPort = 10250

/** On which others come to a machine of this role. Where nobody said, etcd is stacked, as kubeadm does it. */
export const portsOf = (role: Role, etcd: ClusterFacts['etcd']): number[] => {
  const { kubelet, 'kube-apiserver': apiServer, etcd: members } = dialBackPorts
  if (role === 'worker') return [...kubelet]
  return [...kubelet, ...apiServer, ...(etcd === 'external' ? [] : members)]
}
