import { policyOf } from '../door/policy-manifest.ts'

/**
 * Admission policy for CSRs by Joinery's tokens: they may ask only the signer of kubelets' client certificates. The
 * ClusterRole system:node-bootstrapper lets a token's holder ask any signer.
 */
export const bootstrapCsrPolicy = policyOf(
  'joinery-bootstrap-csrs',
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [certificates.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [certificatesigningrequests]}
  matchConditions:
  - {name: joining, expression: "request.userInfo.groups.exists(group, group.startsWith('system:bootstrappers:joinery:'))"}
  validations:
  - expression: object.spec.signerName == 'kubernetes.io/kube-apiserver-client-kubelet'
    message: a joining machine may only ask for its kubelet's client certificate`
)
