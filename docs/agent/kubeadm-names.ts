/**
 * What kubeadm calls a check of ours, for `--ignore-preflight-errors` (cmd/kubeadm/app/preflight/checks.go, v1.34 to
 * v1.37). One that is not here kubeadm does not make when it joins a worker with file discovery.
 */
export const kubeadmNames: Readonly<Record<string, readonly string[]>> = {
  root: ['IsPrivilegedUser'],
  programs: ['FileExisting-ip', 'FileExisting-iptables', 'FileExisting-mount', 'FileExisting-nsenter'],
  'version-skew': ['KubeletVersion'],
  'kubelet-service': ['Service-Kubelet'],
  swap: ['Swap'],
  kernel: ['SystemVerification'],
  cgroups: ['SystemVerification'],
  'container-runtime': ['CRI'],
  hostname: ['Hostname'],
  'ports-free': ['Port-10250'],
  'earlier-join': [
    'FileAvailable--etc-kubernetes-kubelet.conf',
    'FileAvailable--etc-kubernetes-bootstrap-kubelet.conf',
    'FileAvailable--etc-kubernetes-pki-ca.crt'
  ]
}
