import { bounded, policyManifest } from '../door/policy-manifest.ts'
import { kubeletSigner, bootstrapCsrPolicy as name } from '../names.ts'

/**
 * Admission policy for CSRs by Joinery's tokens: they may ask only the signer of kubelets' client certificates, for what can be cleared
 * away again. The ClusterRole system:node-bootstrapper lets a token's holder ask any signer, and Kubernetes takes any text as the name of
 * a CSR. A kubelet has its name made (`csr-...`), and one that does not rotate its certificate calls it `node-csr-` and a hash in base64url
 * (k8s.io/kubernetes/pkg/kubelet/certificate/bootstrap). A request of a kubelet has 1 KB. It is
 * in base64 here.
 */
export const bootstrapCsrPolicy = policyManifest(
  name,
  [
    '{apiGroups: [certificates.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [certificatesigningrequests]}'
  ],
  `
  matchConditions:
  - {name: joining, expression: "request.userInfo.groups.exists(group, group.startsWith('system:bootstrappers:joinery:'))"}
  validations:
  - expression: object.spec.signerName == '${kubeletSigner}'
    message: a joining machine may only ask for its kubelet's client certificate
  - expression: object.metadata.name.matches('^[A-Za-z0-9._-]{1,253}$')
    message: a joining machine gives its request a name of letters, digits, dots, hyphens and underscores
  - expression: object.spec.request.size() <= 16384
    message: a joining machine asks with at most 12 KB${bounded}`
)
