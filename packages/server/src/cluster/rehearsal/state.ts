import type { Policy } from '@joinery/kube/names'
import { hour } from '@joinery/protocol'
import type { ClusterNode } from '../cluster.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import type { AdminCsr, NodeConfigMap } from './cluster-world.ts'
import type { BindingName } from './refusals/authorizer.ts'
import type { TokenSecret, TokenUser } from './token-secret.ts'

export interface StoredCsr extends AdminCsr {
  /** Its resourceVersion: another one after each change. */
  version: number
  /** When somebody approved or denied it. */
  judged?: Date
  /** For how long the certificate is to be good; absent: a year. */
  seconds?: number
}

/** What etcd holds of a real cluster, as far as the port or the world can see it. */
export interface State {
  ca: CertificateAuthority
  /** By token id. */
  secrets: Map<string, TokenSecret>
  csrs: Map<string, StoredCsr>
  nodes: Map<string, ClusterNode>
  /** Name of a Pod in namespace `default` to the Node that it is bound to. */
  pods: Map<string, string>
  /** Name to reason: the ConfigMap `joinery-banned`. */
  banned: Map<string, string>
  /** Its annotation `joinery.dev/generation`, and its resourceVersion. */
  generation: string | undefined
  banListVersion: number
  /** Names of which the list was changed, when, and whether they were on it before. */
  banChanges: Map<string, { at: Date; before: boolean }>
  /** Holders of tokens that were let in, by id and secret, and until when the API server remembers them. */
  admitted: Map<string, { user: TokenUser; until: Date }>
  delays: Delays
  /** Of kubelets, by the Node's name: whether it has the label that `joinery-ban-leases` looks for. */
  leases: Map<string, { banned: boolean }>
  /** The binding of `bindBootstrappersToNodeclient` exists. */
  nodeclientBound: boolean
  /** PEM of a request that the signers read in the place of any other. */
  signedInstead: string | undefined
  /** Anybody may read `cluster-info`, as kubeadm makes it. */
  clusterInfoPublic: boolean
  /** The configuration that each ConfigMap has, as YAML. */
  configMaps: Record<NodeConfigMap, string>
  /** Bindings of the server's rights that were deleted, as `keyOf` has them. */
  bindingsGone: Set<string>
  /** What the server is answered, whatever it asks for; undefined: what it asks for. */
  overload: Overload | undefined
  /** Policies whose binding was deleted. */
  unbound: Set<Policy>
  /** How often lists were forgotten that somebody read page by page. */
  listsForgotten: number
  /** The port's calls find the API server. */
  reachable: boolean
  /** One of them has found it. */
  answered: boolean
  /** Watches say nothing any more, and nobody ends them. */
  silent: boolean
  /** Event `change` after each change of a CSR or Node; its detail is the Node that was made or changed. */
  watch: EventTarget
}

/** How an API server answers that cannot serve now, and the seconds of its Retry-After. */
export interface Overload {
  status: 429 | 500 | 503
  message: string
  retryAfter?: number
}

/** In milliseconds, how much later the API server heeds what it was told. */
export interface Delays {
  /** A change of the ban list, by policies, which have it as their parameter: a cache of each API server's own. */
  bans: number
  /** That a token it has let in is gone: `TokenSuccessCacheTTL` in pkg/kubeapiserver/options/authentication.go is 10 s. */
  tokens: number
}

/** The administrator's or the server's change of the list; undefined takes the name off. */
export const changeBan = (state: State, name: string, reason: string | undefined, now: Date): void => {
  const before = state.banned.has(name)
  if (before !== (reason !== undefined)) state.banChanges.set(name, { at: now, before })
  if (reason === undefined) state.banned.delete(name)
  else state.banned.set(name, reason)
  state.banListVersion += 1
}

/** What policies take it for by now. */
export const isHeededBan = ({ banned, banChanges, delays }: State, name: string, now: Date): boolean => {
  const change = banChanges.get(name)
  const isLate = change !== undefined && now.getTime() < change.at.getTime() + delays.bans
  return isLate ? change.before : banned.has(name)
}

export const keyOf = ({ namespace = '', name }: BindingName): string => `${namespace}/${name}`

/** What kubeadm writes without a word of its administrator, as far as anybody here reads it. */
const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
cgroupDriver: systemd
kind: KubeletConfiguration
memorySwap: {}
rotateCertificates: true
`
const kubeProxyConfig = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ""
`

export const emptyState = (ca: CertificateAuthority): State => ({
  ca,
  secrets: new Map(),
  csrs: new Map(),
  nodes: new Map(),
  pods: new Map(),
  banned: new Map(),
  generation: undefined,
  banListVersion: 1,
  banChanges: new Map(),
  admitted: new Map(),
  delays: { bans: 0, tokens: 0 },
  leases: new Map(),
  nodeclientBound: false,
  signedInstead: undefined,
  clusterInfoPublic: true,
  configMaps: { 'kubelet-config': kubeletConfig, 'kube-proxy': kubeProxyConfig },
  bindingsGone: new Set(),
  overload: undefined,
  unbound: new Set(),
  listsForgotten: 0,
  reachable: true,
  answered: false,
  silent: false,
  watch: new EventTarget()
})

/** A watch delivers later, never inside the call that made the change. */
export const announce = (state: State, node?: ClusterNode): void => {
  const detail = structuredClone(node)
  setImmediate(() => {
    if (state.reachable && !state.silent)
      state.watch.dispatchEvent(new CustomEvent<ClusterNode | undefined>('change', { detail }))
  })
}

/**
 * The controller `csrcleaner` (pkg/controller/certificates/cleaner): what was issued or denied goes an hour after it was judged, what
 * nobody judged a day after it was made. It looks once an hour; here each request goes at the earliest moment.
 */
export const cleanCsrs = (state: State, now: Date): void => {
  const isOlder = (since: Date | undefined, age: number): boolean =>
    since !== undefined && now.getTime() - since.getTime() > age
  for (const [name, { created, judged, approved, denied, failed, certificate }] of state.csrs) {
    const isOver = denied || failed || (approved && certificate !== undefined)
    if (isOver ? !isOlder(judged, hour) : approved || !isOlder(created, 24 * hour)) continue
    state.csrs.delete(name)
    announce(state)
  }
}

/** Writes to a CSR: who has read it before has an older version. */
export const changeCsr = (state: State, csr: StoredCsr, change: Partial<StoredCsr>): void => {
  Object.assign(csr, change, { version: csr.version + 1 })
  announce(state)
}
