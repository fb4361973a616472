import { policyOf } from '../door/policy-manifest.ts'
import { kubeletSigner, nodesGroup, serverUsername, servingSigner, tokenGroups } from '../names.ts'

const groups = tokenGroups.map((group) => `'${group}'`).join(', ')

/**
 * Admission policy for approvals and denials by the server. `ofClients` is the condition before a validation that is
 * only about client certificates.
 */
const approvalsOf = (signers: string, ofClients = ''): string =>
  policyOf(
    'joinery-csr-approvals',
    `  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: [certificates.k8s.io]
      apiVersions: [v1]
      operations: [UPDATE]
      resources: [certificatesigningrequests, certificatesigningrequests/approval, certificatesigningrequests/status]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == 'system:serviceaccount:joinery-system:joinery-server'"}
  variables:
  - {name: denies, expression: "object.status.conditions.exists(condition, condition.type == 'Denied')"}
  validations:
  - expression: has(request.subResource) && request.subResource == 'approval'
    message: Joinery approves and denies, and changes nothing else of a request
  - expression: >-
      object.metadata.?finalizers == oldObject.metadata.?finalizers
      && object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences
    message: Joinery keeps no request, and has nobody else delete it
  ${signers.trim()}
  - expression: >-
      ${ofClients}oldObject.spec.username == '${serverUsername}'
      || (oldObject.spec.username.matches('^system:bootstrap:[a-z0-9]{6}$')
      && oldObject.spec.groups.exists_one(group, group in [${groups}])
      && oldObject.spec.groups.all(group,
        group in ['system:bootstrappers', 'system:authenticated', ${groups}]))
    message: Joinery approves requests by its own bootstrap tokens, and its own, only
  - expression: >-
      ${ofClients}variables.denies
      || oldObject.spec.usages.all(usage, usage in ['digital signature', 'key encipherment', 'client auth'])
    message: Joinery approves client certificates only
  - expression: >-
      !variables.denies || (oldObject.spec.signerName == '${kubeletSigner}'
      && oldObject.spec.username.startsWith('system:bootstrap:')
      && object.status.conditions.all(condition, condition.type == 'Denied'))
    message: Joinery denies requests by its own bootstrap tokens only
  - expression: >-
      object.status.conditions.all(condition, condition.status == 'True'
      && condition.type + condition.reason in ['ApprovedJoineryApproved', 'DeniedJoineryDenied'])
    message: Joinery writes the condition Approved or Denied, with its own reason, and no other`
  )

/**
 * Admission policy for approvals of client certificates. RBAC lets the server approve and deny any request for a
 * signer. This policy lets it do both only for holders of its own tokens, and approve its own requests. A renewal by a
 * node, or a request by somebody else's token, is none of its business. CEL cannot see the name in the request itself;
 * the server compares it, also with the name in the certificate. An approval may change the metadata of a request as well.
 */
export const csrApprovalPolicy = approvalsOf(`
  - expression: oldObject.spec.signerName == '${kubeletSigner}'
    message: Joinery approves client certificates of kubelets only
`)

/**
 * The same policy, which also lets the server approve a node's own request to serve TLS. CEL cannot see the names and
 * addresses in that request.
 */
export const csrApprovalPolicyWithServing = approvalsOf(
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
