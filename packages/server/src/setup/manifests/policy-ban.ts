import { banLeasesPolicy, banList, bannedNodesLabel, banPolicy, namespace } from '../../cluster/kubernetes/names.ts'

/** Who asks is a node whose name is not on the list. */
const validation = `matchConditions:
  - {name: nodes, expression: "request.userInfo.username.startsWith('system:node:')"}
  validations:
  - expression: "!has(params.data) || !(request.userInfo.username.substring(12) in params.data)"
    message: this node was removed by Joinery`

const bindingOf = (policy: string, params: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${policy}}
spec:
  policyName: ${policy}
  validationActions: [Deny]
  paramRef: {${params}, namespace: ${namespace}, parameterNotFoundAction: Allow}
`

/**
 * A node that was removed cannot come back with the certificate that it still holds, nor get anything new by it: for itself, or
 * for its Pods. Where the ban list is missing the policy lets everything pass: no mistake with a ConfigMap may stop every
 * kubelet of the cluster. PodCertificateRequests are v1alpha1 in 1.34, v1beta1 in 1.35 and v1 in 1.37; a rule for what an API
 * server does not serve matches nothing.
 */
const ban = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${banPolicy}}
spec:
  failurePolicy: Fail
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [nodes, nodes/status]}
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [pods/status]}
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [serviceaccounts/token]}
    - {apiGroups: [certificates.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [certificatesigningrequests]}
    - {apiGroups: [certificates.k8s.io], apiVersions: ['*'], operations: [CREATE], resources: [podcertificaterequests]}
  ${validation}
`

/**
 * The heartbeat of such a node, where its Node is still there. Each kubelet renews its Lease every ten seconds: an error here
 * must not stop a cluster, so it lets pass. An API server turns the whole of a list into CEL values at each evaluation, and so
 * this one is short. While it is empty it has no label, and an API server that finds no list to look into evaluates nothing
 * (CollectParams of v1.37.2, plugin/policy/generic/policy_dispatcher.go).
 */
const banLeases = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${banLeasesPolicy}}
spec:
  failurePolicy: Ignore
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-node-lease}}
    resourceRules:
    - {apiGroups: [coordination.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [leases]}
  ${validation}
`

export const banPolicies = [
  ban,
  bindingOf(banPolicy, `name: ${banList}`),
  banLeases,
  bindingOf(banLeasesPolicy, `selector: {matchLabels: {${bannedNodesLabel}: ''}}`)
].join('---')
