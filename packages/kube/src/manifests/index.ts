import type { CredentialKind } from '@joinery/protocol'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from '../apply.ts'
import { banList } from './ban-list.ts'
import { account, identity } from './identity.ts'
import { banPolicies } from './policy-ban.ts'
import { bootstrapCsrPolicy } from './policy-bootstrap-csrs.ts'
import { bootstrapTokenPolicy } from './policy-bootstrap-tokens.ts'
import { csrApprovalPolicy, csrApprovalPolicyWithServing } from './policy-csr-approvals.ts'
import { csrPolicy } from './policy-csrs.ts'
import { leasePolicy } from './policy-leases.ts'
import { nodeDeletionsPolicy } from './policy-node-deletions.ts'
import { nodePolicy } from './policy-nodes.ts'
import { tokenRenewalPolicy } from './policy-token-renewal.ts'
import { joiningRbac, kubeadmCertsRbac, kubeProxyRbac } from './rbac-joining.ts'
import { serverRbac } from './rbac-server.ts'
import { servingRbac } from './rbac-serving.ts'
import { tokenRbac } from './rbac-tokens.ts'

/** In this order: what narrows a right is there before the right is. */
const narrowing = (serving: boolean): string[] => [
  identity,
  bootstrapCsrPolicy,
  csrPolicy,
  serving ? csrApprovalPolicyWithServing : csrApprovalPolicy,
  nodePolicy,
  nodeDeletionsPolicy,
  leasePolicy,
  tokenRenewalPolicy,
  banPolicies,
  banList
]

/** What is there for bootstrap tokens alone: what narrows the right to make them, and then the rights. */
const forTokens = { narrowing: [bootstrapTokenPolicy], rights: [tokenRbac, joiningRbac, kubeadmCertsRbac] }

export interface ClusterParts {
  /** As the server is set: to certificates it gets no right to Secrets. */
  credential: CredentialKind
  /** kubeadm's Role kube-proxy is there to be bound. */
  kubeProxy: boolean
  /** The server is set to approve serving certificates; absent: it is not, and gets no right to. */
  serving?: boolean
}

const textsFor = ({ credential, kubeProxy, serving = false }: ClusterParts): string[] => {
  const rights = [...(serving ? [servingRbac] : []), serverRbac]
  return credential === 'certificate'
    ? [...narrowing(serving), ...rights]
    : [
        ...narrowing(serving),
        ...forTokens.narrowing,
        ...forTokens.rights,
        ...(kubeProxy ? [kubeProxyRbac] : []),
        ...rights
      ]
}

/** All that Joinery puts into a cluster, as one stream of YAML documents, in the order in which they are applied. */
export const manifestStream = (parts: ClusterParts): string => streamOf(textsFor(parts))

/** The same, parsed. */
export const manifests = (parts: ClusterParts): Manifest[] => parseManifests(textsFor(parts))

/** Whose token the server has. */
export const serverAccount = (): Manifest => parseManifests([account])[0] as Manifest

/** What an earlier set-up may have put there and this one leaves out; first the rights, then what narrows them. */
export const outdated = ({ credential, serving = false }: Omit<ClusterParts, 'kubeProxy'>): Manifest[] =>
  parseManifests([
    ...(credential === 'token' ? [] : [...forTokens.narrowing, ...forTokens.rights, kubeProxyRbac]),
    ...(serving ? [] : [servingRbac])
  ]).reverse()

const streamOf = (texts: readonly string[]): string => texts.map((text) => `${text.trim()}\n`).join('---\n')

const parseManifests = (texts: readonly string[]): Manifest[] =>
  parseAllDocuments(streamOf(texts)).map((document) => document.toJS())
