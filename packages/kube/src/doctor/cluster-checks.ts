import { mutatingPolicies } from './checks/admission/mutating-policies.ts'
import { webhooks } from './checks/admission/webhooks.ts'
import { anonymousAuth } from './checks/anonymous-auth.ts'
import { anonymousEndpoints } from './checks/anonymous-endpoints.ts'
import { apiVersions } from './checks/api-versions.ts'
import { autoApproval } from './checks/auto-approval.ts'
import { bootstrapTokens } from './checks/bootstrap-tokens.ts'
import { certificateSigner } from './checks/certificate-signer.ts'
import type { ClusterCheck } from './checks/check.ts'
import { clusterInfo } from './checks/cluster-info.ts'
import { joineryNamespace } from './checks/joinery/joinery-namespace.ts'
import { joineryObjects } from './checks/joinery/joinery-objects.ts'
import { joineryRights } from './checks/joinery/joinery-rights.ts'
import { serverLease } from './checks/joinery/server-lease.ts'
import { kubeadmCerts } from './checks/kubeadm-certs.ts'
import { kubeletCertificates } from './checks/kubelet-certificates.ts'
import { nodeRestriction } from './checks/node-restriction.ts'
import { operators } from './checks/operators.ts'

/** All checks of the cluster, in the order in which they are shown. */
export const clusterChecks: readonly ClusterCheck[] = [
  apiVersions,
  autoApproval,
  bootstrapTokens,
  clusterInfo,
  kubeadmCerts,
  nodeRestriction,
  certificateSigner,
  anonymousAuth,
  anonymousEndpoints,
  kubeletCertificates,
  joineryObjects,
  joineryRights,
  joineryNamespace,
  serverLease,
  operators,
  webhooks,
  mutatingPolicies
]
