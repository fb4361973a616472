import type { CredentialKind } from '@joinery/protocol'
import { stringify } from 'yaml'
import type { Manifest } from '../apply.ts'
import { doorNarrowing, doorRights } from '../door/index.ts'
import { logDefinitions, logPolicies, logRights } from '../log/index.ts'
import { banList } from './bans/ban-list.ts'
import { banPolicies } from './bans/policy-ban.ts'
import { account, identity } from './identity.ts'
import { objectsOf, streamOf } from './manifest-text.ts'
import { bootstrapCsrPolicy } from './policy-bootstrap-csrs.ts'
import { bootstrapTokenPolicy } from './policy-bootstrap-tokens.ts'
import { csrApprovalPolicy, csrApprovalPolicyWithServing } from './policy-csr-approvals.ts'
import { csrPolicy } from './policy-csrs.ts'
import { eventPolicy } from './policy-events.ts'
import { leasePolicy } from './policy-leases.ts'
import { nodeDeletionsPolicy } from './policy-node-deletions.ts'
import { nodePolicy } from './policy-nodes.ts'
import { tokenRenewalPolicy } from './policy-token-renewal.ts'
import { joiningRbac, kubeadmCertsRbac, kubeProxyRbac } from './rbac-joining.ts'
import { diagnosisRbac, servingRbac } from './rbac-optional.ts'
import { serverRbac } from './rbac-server.ts'
import { tokenRbac } from './rbac-tokens.ts'

/**
 * Manifests of the policies and the ban list. They come before the rights: what narrows a right must be there before
 * the right.
 */
const narrowing = (serving: boolean): string[] => [
  identity,
  bootstrapCsrPolicy,
  csrPolicy,
  serving ? csrApprovalPolicyWithServing : csrApprovalPolicy,
  nodePolicy,
  nodeDeletionsPolicy,
  leasePolicy,
  tokenRenewalPolicy,
  eventPolicy,
  banPolicies,
  banList,
  ...logPolicies,
  ...doorNarrowing
]

/** Manifests only for bootstrap tokens: first those that narrow the right to make tokens, then the rights. */
const forTokens = { narrowing: [bootstrapTokenPolicy], rights: [tokenRbac, joiningRbac, kubeadmCertsRbac] }

export interface ClusterParts {
  /** Credential kind that the server is configured for. For certificates, the server gets no right to Secrets. */
  credential: CredentialKind
  /** True if the cluster has kubeadm's Role kube-proxy, which can then be bound. */
  kubeProxy: boolean
  /** True if the server is configured to approve serving certificates. If absent, it gets no right to do so. */
  serving?: boolean
  /** True if the server is configured to say why Nodes are not Ready. If absent, it gets no right to do so. */
  diagnosis?: boolean
  /** True if the server keeps its log in the cluster (`store: cluster`). If absent, there are no kinds for it, and no rights to them. */
  log?: boolean
}

/** Manifests of the kinds of the log. No setup takes them away: all that the servers know would go with them. */
const logKinds: readonly string[] = logDefinitions.map((one) => stringify(one, { lineWidth: 0 }))

const textsFor = ({
  credential,
  kubeProxy,
  serving = false,
  diagnosis = false,
  log = false
}: ClusterParts): string[] => {
  const rights = [
    ...(log ? [...logKinds, ...logRights] : []),
    ...(serving ? [servingRbac] : []),
    ...(diagnosis ? [diagnosisRbac] : []),
    serverRbac,
    ...doorRights
  ]
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

/**
 * Everything that Joinery puts into a cluster, as one stream of YAML documents, in the order in which they are applied. Every reader of
 * YAML finds in it the objects that `manifests` gives.
 */
export const manifestStream = (parts: ClusterParts): string => streamOf(textsFor(parts))

/** Everything that Joinery puts into a cluster, parsed, in the order in which it is applied. */
export const manifests = (parts: ClusterParts): Manifest[] => objectsOf(textsFor(parts))

/** ServiceAccount whose token the server has. */
export const serverAccount = (): Manifest => objectsOf([account])[0] as Manifest

/**
 * Manifests that an earlier set-up may have applied and this one leaves out: first the rights, then what narrows them.
 */
export const outdated = ({
  credential,
  serving = false,
  diagnosis = false,
  log = false
}: Omit<ClusterParts, 'kubeProxy'>): Manifest[] =>
  objectsOf([
    ...(credential === 'token' ? [] : [...forTokens.narrowing, ...forTokens.rights, kubeProxyRbac]),
    ...(log ? [] : logRights),
    ...(diagnosis ? [] : [diagnosisRbac]),
    ...(serving ? [] : [servingRbac])
  ]).reverse()
