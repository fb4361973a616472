export { certificateAuthority } from '../rehearsal/certificate-authority.ts'
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
} from '../rehearsal/cluster-world.ts'
export { type RehearsalViews, rehearsalViews } from '../rehearsal/door/rehearsal-views.ts'
export type { HeldUp } from '../rehearsal/held-up.ts'
export {
  type KubeletRequest,
  kubeletRequest,
  type OddSubject,
  servingRequest
} from '../rehearsal/kubelet-request.ts'
export type { BindingName } from '../rehearsal/refusals/authorizer.ts'
export { fillers } from '../rehearsal/refusals/ban-list-size.ts'
export { type RehearsalCluster, rehearsalCluster } from '../rehearsal/rehearsal-cluster.ts'
