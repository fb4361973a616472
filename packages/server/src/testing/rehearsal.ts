export { certificateAuthority } from '../cluster/rehearsal/certificate-authority.ts'
export {
  type AdminCsr,
  type CertificateHolder,
  type ClusterWorld,
  type CsrSubmission,
  type DaemonPodStatus,
  type DaemonSetMade,
  kubeletUsages,
  type NodeRegistration,
  nodeclientBinding,
  Refusal,
  servingUsages
} from '../cluster/rehearsal/cluster-world.ts'
export { type RehearsalViews, rehearsalViews } from '../cluster/rehearsal/door/rehearsal-views.ts'
export type { HeldUp } from '../cluster/rehearsal/held-up.ts'
export {
  type KubeletRequest,
  kubeletRequest,
  type OddSubject,
  servingRequest
} from '../cluster/rehearsal/kubelet-request.ts'
export type { BindingName } from '../cluster/rehearsal/refusals/authorizer.ts'
export { fillers } from '../cluster/rehearsal/refusals/ban-list-size.ts'
export { type RehearsalCluster, rehearsalCluster } from '../cluster/rehearsal/rehearsal-cluster.ts'
