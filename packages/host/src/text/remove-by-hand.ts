/** The steps that remove a control plane without an enrolment, and without Joinery. */
export const removeByHand = (name: string): string =>
  `drain it; on its machine, as root: kubeadm reset, which takes its member out of etcd; then: kubectl --kubeconfig /etc/kubernetes/admin.conf delete node ${name}`
