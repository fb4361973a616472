export { certificateAuthority } from '../adapters/rehearsal/certificate-authority.ts'
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
} from '../adapters/rehearsal/cluster-world.ts'
export { type RehearsalViews, rehearsalViews } from '../adapters/rehearsal/door/rehearsal-views.ts'
export type { HeldUp } from '../adapters/rehearsal/held-up.ts'
export {
  type KubeletRequest,
  kubeletRequest,
  type OddSubject,
  servingRequest
} from '../adapters/rehearsal/kubelet-request.ts'
export type { BindingName } from '../adapters/rehearsal/refusals/authorizer.ts'
export { fillers } from '../adapters/rehearsal/refusals/ban-list-size.ts'
export { type RehearsalCluster, rehearsalCluster } from '../adapters/rehearsal/rehearsal-cluster.ts'
