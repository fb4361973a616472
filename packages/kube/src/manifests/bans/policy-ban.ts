import { policyOf } from '../../door/policy-manifest.ts'
import {
  banLeasesPolicy,
  banList,
  bannedLabel,
  banPolicy,
  banReportsPolicy,
  leaseNamespace,
  namespace
} from '../../names.ts'

const nodes = `- {name: nodes, expression: "request.userInfo.username.startsWith('system:node:')"}`
const message = 'this node was removed by Joinery'
const notListed = `  validations:
  - expression: "!has(params.data) || !(request.userInfo.username.substring(12) in params.data)"
    message: ${message}`

/** Spec of a binding to the ban list, without which the policy lets pass. */
const listed = (name: string): string => `
  policyName: ${name}
  validationActions: [Deny]
  paramRef: {name: ${banList}, namespace: ${namespace}, parameterNotFoundAction: Allow}`

/**
 * Admission policy for banned nodes. A node that was removed cannot come back with the certificate that it still holds.
 * Nor does it get anything new by that certificate, for itself or for its Pods. If the ban list is missing, the policy
 * lets everything pass: no mistake with a ConfigMap may stop every kubelet of the cluster. PodCertificateRequests are
 * v1alpha1 in 1.34, v1beta1 in 1.35 and v1 in 1.37; a rule for what an API server does not serve matches nothing.
 */
const ban = policyOf(
  banPolicy,
  `  failurePolicy: Fail
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [nodes, nodes/status]}
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [pods/status]}
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [serviceaccounts/token]}
    - {apiGroups: [certificates.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [certificatesigningrequests]}
    - {apiGroups: [certificates.k8s.io], apiVersions: ['*'], operations: [CREATE], resources: [podcertificaterequests]}
  matchConditions:
  ${nodes}
${notListed}`,
  listed(banPolicy)
)

/**
 * Admission policy for what a banned node would still say: that it runs a Pod, has a device or a storage driver, is alive again, or what
 * happened. What takes away is let through: a node deletes its own Pods. ResourceSlices are v1 since 1.34.
 *
 * Everybody makes Pods and Events. So the policy lets pass what it cannot judge. If the list is missing, an API server of 1.37 asks its
 * storage for it at each request that a rule names (CollectParams of v1.37.2, plugin/policy/generic/policy_dispatcher.go). That was 1.8
 * ms of processor time for an Event. With the list the rules cost less than could be measured.
 */
const banReports = policyOf(
  banReportsPolicy,
  `  failurePolicy: Ignore
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
    - {apiGroups: ["", events.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [events]}
    - {apiGroups: [coordination.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [leases]}
    - {apiGroups: [storage.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [csinodes]}
    - {apiGroups: [resource.k8s.io], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: [resourceslices]}
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [persistentvolumeclaims/status]}
  matchConditions:
  ${nodes}
${notListed}`,
  listed(banReportsPolicy)
)

/**
 * Admission policy for the heartbeat of a banned node whose Node is still there. Each kubelet renews its Lease every
 * ten seconds: an error here must not stop a cluster, so the policy lets pass. For a node that is not banned it costs
 * an API server one look at the labels of the Lease: that comes before anything is converted or evaluated (Matches of
 * v1.37.2, plugin/policy/matching/matching.go). The policy looks at the old Lease and at the new one, so that nobody
 * can take the label off.
 */
const banLeases = policyOf(
  banLeasesPolicy,
  `  failurePolicy: Ignore
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${leaseNamespace}}}
    objectSelector: {matchExpressions: [{key: ${bannedLabel}, operator: Exists}]}
    resourceRules:
    - {apiGroups: [coordination.k8s.io], apiVersions: [v1], operations: [UPDATE, DELETE], resources: [leases]}
  matchConditions:
  ${nodes}
  validations:
  - {expression: "false", message: ${message}}`
)

export const banPolicies = [ban, banReports, banLeases].join('---')
