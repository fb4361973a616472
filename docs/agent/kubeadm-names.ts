/**
 * What kubeadm calls a check of ours, for `--ignore-preflight-errors` (cmd/kubeadm/app/preflight/checks.go, v1.35 to
 * v1.38). One that is not here kubeadm does not make when it joins a machine with file discovery.
 */
export const kubeadmNames: Readonly<Record<string, readonly string[]>> = {
  root: ['IsPrivilegedUser'],
  programs: ['FileExisting-mount', 'FileExisting-losetup', 'FileExisting-cp', 'FileExisting-getent'],
  'version-skew': ['KubeletVersion'],
  'kubelet-service': ['Service-Kubelet'],
  swap: ['Swap'],
  kernel: ['SystemVerification'],
  cgroups: ['SystemVerification'],
  'container-runtime': ['CRI'],
  hostname: ['Hostname'],
  'ports-free': ['Port-10250', 'Port-6443', 'Port-10259', 'Port-10257', 'Port-2379', 'Port-2380'],
  'earlier-join': [
    'FileAvailable--etc-kubernetes-kubelet.conf',
    'FileAvailable--etc-kubernetes-bootstrap-kubelet.conf',
    'FileAvailable--etc-kubernetes-pki-ca.crt'
  ],
  'control-plane-size': ['NumCPU', 'Mem'],
  'control-plane-leftovers': [
    'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
    'FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml',
    'FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml',
    'FileAvailable--etc-kubernetes-manifests-etcd.yaml',
    'DirAvailable--var-lib-etcd'
  ]
}
