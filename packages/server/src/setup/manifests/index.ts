import { parseAllDocuments } from 'yaml'
import type { Manifest } from '../../cluster/kubernetes/apply.ts'
import { banList } from './ban-list.ts'
import { identity } from './identity.ts'
import { banPolicy } from './policy-ban.ts'
import { bootstrapCsrPolicy } from './policy-bootstrap-csrs.ts'
import { bootstrapTokenPolicy } from './policy-bootstrap-tokens.ts'
import { csrApprovalPolicy } from './policy-csr-approvals.ts'
import { tokenRenewalPolicy } from './policy-token-renewal.ts'
import { joiningRbac, kubeProxyRbac } from './rbac-joining.ts'
import { serverRbac } from './rbac-server.ts'

/** In this order: what narrows a right is there before the right is. */
const texts = [
  identity,
  bootstrapTokenPolicy,
  bootstrapCsrPolicy,
  csrApprovalPolicy,
  tokenRenewalPolicy,
  banPolicy,
  banList,
  serverRbac,
  joiningRbac
]

export interface ManifestOptions {
  /** kubeadm's Role kube-proxy is there to be bound. */
  kubeProxy: boolean
}

/** All that Joinery puts into a cluster, as one stream of YAML documents, in the order in which they are applied. */
export const manifestStream = ({ kubeProxy }: ManifestOptions): string =>
  (kubeProxy ? [...texts, kubeProxyRbac] : texts).map((text) => `${text.trim()}\n`).join('---\n')

/** The same, parsed. */
export const manifests = (options: ManifestOptions): Manifest[] =>
  parseAllDocuments(manifestStream(options)).map((document) => document.toJS())
