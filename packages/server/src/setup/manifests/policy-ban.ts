/**
 * A node that was removed cannot come back with the certificate that it still holds. Where the ban list is missing the
 * policy lets everything pass: no mistake with a ConfigMap may stop every kubelet of the cluster.
 */
export const banPolicy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: joinery-ban}
spec:
  failurePolicy: Fail
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [nodes, nodes/status]}
    - {apiGroups: [certificates.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [certificatesigningrequests]}
  matchConditions:
  - {name: nodes, expression: "request.userInfo.username.startsWith('system:node:')"}
  validations:
  - expression: "!has(params.data) || !(request.userInfo.username.substring(12) in params.data)"
    message: this node was removed by Joinery
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: joinery-ban}
spec:
  policyName: joinery-ban
  validationActions: [Deny]
  paramRef: {name: joinery-banned, namespace: joinery-system, parameterNotFoundAction: Allow}
`
