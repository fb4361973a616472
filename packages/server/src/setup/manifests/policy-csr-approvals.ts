import { kubeletSigner, nodesGroup, serverUsername, servingSigner, tokenGroups } from '../../cluster/cluster.ts'

const groups = tokenGroups.map((group) => `'${group}'`).join(', ')

/** `ofClients`: what comes before a validation that is about client certificates alone. */
const policyOf = (signers: string, ofClients = ''): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: joinery-csr-approvals}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: [certificates.k8s.io]
      apiVersions: [v1]
      operations: [UPDATE]
      resources: [certificatesigningrequests, certificatesigningrequests/approval, certificatesigningrequests/status]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == 'system:serviceaccount:joinery-system:joinery-server'"}
  validations:
  - expression: has(request.subResource) && request.subResource == 'approval'
    message: Joinery approves, and changes nothing else of a request
  ${signers.trim()}
  - expression: >-
      ${ofClients}oldObject.spec.username == '${serverUsername}'
      || (oldObject.spec.username.matches('^system:bootstrap:[a-z0-9]{6}$')
      && oldObject.spec.groups.exists_one(group, group in [${groups}])
      && oldObject.spec.groups.all(group,
        group in ['system:bootstrappers', 'system:authenticated', ${groups}]))
    message: Joinery approves requests by its own bootstrap tokens, and its own, only
  - expression: >-
      ${ofClients}oldObject.spec.usages.all(usage, usage in ['digital signature', 'key encipherment', 'client auth'])
    message: Joinery approves client certificates only
  - expression: >-
      object.status.conditions.all(condition,
        condition.type == 'Approved' && condition.status == 'True' && condition.reason == 'JoineryApproved')
    message: Joinery writes the condition Approved, with the reason JoineryApproved, and no other
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: joinery-csr-approvals}
spec: {policyName: joinery-csr-approvals, validationActions: [Deny]}
`

/**
 * RBAC lets the server approve for a signer, whoever asks. This lets it approve for holders of its own tokens, and what it
 * asked for itself, alone: a renewal by a node, or a request by somebody else's token, is none of its business. The name in
 * the request itself is out of CEL's sight; the server compares it.
 */
export const csrApprovalPolicy = policyOf(`
  - expression: oldObject.spec.signerName == '${kubeletSigner}'
    message: Joinery approves client certificates of kubelets only
`)

/**
 * The same, and what a node asks for itself to serve TLS with. Its names and addresses are in the request, out of CEL's
 * sight.
 */
export const csrApprovalPolicyWithServing = policyOf(
  `
  - expression: oldObject.spec.signerName in ['${kubeletSigner}', '${servingSigner}']
    message: Joinery approves client and serving certificates of kubelets only
  - expression: >-
      oldObject.spec.signerName == '${kubeletSigner}'
      || (oldObject.spec.username.matches('^system:node:[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')
      && '${nodesGroup}' in oldObject.spec.groups
      && oldObject.spec.groups.all(group, group in ['${nodesGroup}', 'system:authenticated']))
    message: Joinery approves serving certificates of nodes only
  - expression: >-
      oldObject.spec.signerName == '${kubeletSigner}'
      || ('server auth' in oldObject.spec.usages && oldObject.spec.usages.all(usage,
        usage in ['digital signature', 'key encipherment', 'server auth']))
    message: Joinery approves serving certificates that are for nothing else
`,
  `oldObject.spec.signerName == '${servingSigner}' || `
)
