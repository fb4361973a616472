import type { CredentialKind } from '@joinery/protocol'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from '../../cluster/kubernetes/apply.ts'
import { banList } from './ban-list.ts'
import { identity } from './identity.ts'
import { banPolicy } from './policy-ban.ts'
import { bootstrapCsrPolicy } from './policy-bootstrap-csrs.ts'
import { bootstrapTokenPolicy } from './policy-bootstrap-tokens.ts'
import { csrApprovalPolicy } from './policy-csr-approvals.ts'
import { csrPolicy } from './policy-csrs.ts'
import { nodeDeletionsPolicy } from './policy-node-deletions.ts'
import { nodePolicy } from './policy-nodes.ts'
import { tokenRenewalPolicy } from './policy-token-renewal.ts'
import { joiningRbac, kubeadmCertsRbac, kubeProxyRbac } from './rbac-joining.ts'
import { serverRbac } from './rbac-server.ts'
import { tokenRbac } from './rbac-tokens.ts'

/** In this order: what narrows a right is there before the right is. */
const narrowing = [
  identity,
  bootstrapCsrPolicy,
  csrPolicy,
  csrApprovalPolicy,
  nodePolicy,
  nodeDeletionsPolicy,
  tokenRenewalPolicy,
  banPolicy,
  banList
]

/** What is there for bootstrap tokens alone: what narrows the right to make them, and then the rights. */
const forTokens = { narrowing: [bootstrapTokenPolicy], rights: [tokenRbac, joiningRbac, kubeadmCertsRbac] }

export interface ClusterParts {
  /** As the server is set: to certificates it gets no right to Secrets. */
  credential: CredentialKind
  /** kubeadm's Role kube-proxy is there to be bound. */
  kubeProxy: boolean
}

const textsFor = ({ credential, kubeProxy }: ClusterParts): string[] =>
  credential === 'certificate'
    ? [...narrowing, serverRbac]
    : [...narrowing, ...forTokens.narrowing, ...forTokens.rights, ...(kubeProxy ? [kubeProxyRbac] : []), serverRbac]

/** All that Joinery puts into a cluster, as one stream of YAML documents, in the order in which they are applied. */
export const manifestStream = (parts: ClusterParts): string => streamOf(textsFor(parts))

/** The same, parsed. */
export const manifests = (parts: ClusterParts): Manifest[] => parseManifests(textsFor(parts))

/** What an earlier set-up may have put there and this one leaves out; first the rights, then what narrows them. */
export const outdated = ({ credential }: Pick<ClusterParts, 'credential'>): Manifest[] =>
  credential === 'token' ? [] : parseManifests([...forTokens.narrowing, ...forTokens.rights, kubeProxyRbac]).reverse()

const streamOf = (texts: readonly string[]): string => texts.map((text) => `${text.trim()}\n`).join('---\n')

const parseManifests = (texts: readonly string[]): Manifest[] =>
  parseAllDocuments(streamOf(texts)).map((document) => document.toJS())
