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

/** All that Joinery puts into a cluster; `kubeProxy` says whether kubeadm's Role kube-proxy is there to be bound. */
export const manifests = ({ kubeProxy }: { kubeProxy: boolean }): Manifest[] =>
  (kubeProxy ? [...texts, kubeProxyRbac] : texts).flatMap(parseManifests)

const parseManifests = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS())
