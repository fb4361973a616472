import { policyOf } from '../door/policy-manifest.ts'
import { kubeletSigner, ownCsrPrefix, ownCsrSeconds, serverUsername } from '../names.ts'

/**
 * Admission policy for the server's own CSRs. RBAC cannot tell one CSR from another, but this policy can: the server
 * asks only for short client certificates of kubelets, and deletes only its own requests.
 */
export const csrPolicy = policyOf(
  'joinery-csrs',
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [certificates.k8s.io], apiVersions: [v1], operations: [CREATE, DELETE], resources: [certificatesigningrequests]}
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == '${serverUsername}'"}
  validations:
  - expression: request.operation == 'DELETE' || object.metadata.name.startsWith('${ownCsrPrefix}')
    message: Joinery's own are called ${ownCsrPrefix}*
  - expression: request.operation == 'DELETE' || object.spec.signerName == '${kubeletSigner}'
    message: Joinery asks for client certificates of kubelets only
  - expression: >-
      request.operation == 'DELETE'
      || (has(object.spec.expirationSeconds) && object.spec.expirationSeconds <= ${ownCsrSeconds})
    message: Joinery asks for certificates of ten minutes at most
  - expression: >-
      request.operation == 'DELETE' || object.spec.usages.all(usage, usage in ['digital signature', 'client auth'])
    message: Joinery asks for client certificates only
  - expression: >-
      request.operation == 'DELETE' || (!has(object.metadata.finalizers) && !has(object.metadata.ownerReferences))
    message: Joinery's own CSRs have no finalizer and no owner
  - expression: request.operation != 'DELETE' || oldObject.spec.username == '${serverUsername}'
    message: Joinery deletes no CSR but its own`
)
