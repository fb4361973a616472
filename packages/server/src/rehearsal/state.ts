import type { AnswerCounts } from '@joinery/kube'
import type { Policy } from '@joinery/kube/names'
import { hour } from '@joinery/protocol'
import type { ClusterNode, NodePod } from '../core/ports/cluster/cluster.ts'
import type { NodeImage } from '../core/ports/cluster/images/image-sight.ts'
import type { DaemonPod, DaemonSetSight, NodeSight } from '../core/ports/cluster/node-sight.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import type { AdminCsr, NodeConfigMap } from './cluster-world.ts'
import type { BindingName } from './refusals/authorizer.ts'
import type { TokenSecret, TokenUser } from './token-secret.ts'

export interface StoredCsr extends AdminCsr {
  /** The CSR's resourceVersion: a new one after each change. */
  version: number
  /** Time at which somebody approved or denied the CSR. */
  judged?: Date
  /** Lifetime of the certificate that the CSR asks for, in seconds. A year if absent. */
  seconds?: number
}

/** The state that etcd holds in a real cluster, as far as the port or the world can see it. */
export interface State {
  ca: CertificateAuthority
  /** Bootstrap token Secrets by token id. */
  secrets: Map<string, TokenSecret>
  csrs: Map<string, StoredCsr>
  nodes: Map<string, ClusterNode>
  /** Images that the kubelet of a Node reports, by the Node's name. */
  nodeImages: Map<string, NodeImage[]>
  /** Pods by namespace and name, as `default/web`, each with the Node that it is bound to. */
  pods: Map<string, BoundRehearsalPod>
  /** Banned name to reason: the ConfigMap `joinery-banned`. */
  banned: Map<string, string>
  /** Annotation `joinery.dev/generation` of the ban list, and the list's resourceVersion. */
  generation: string | undefined
  banListVersion: number
  /** Banned or freed name to the time of that change, and whether the name was on the list before. */
  banChanges: Map<string, { at: Date; before: boolean }>
  /** Holders of tokens that the API server let in, by id and secret, and until when it remembers them. */
  admitted: Map<string, { user: TokenUser; until: Date }>
  delays: Delays
  /**
   * Leases of kubelets by Node name. `banned` is true if the Lease has the label that `joinery-ban-leases` looks for.
   */
  leases: Map<string, { banned: boolean; renewed?: Date }>
  /** Conditions and version of each kubelet, by the name of its Node: `ClusterNode` has no fields for them. */
  sights: Map<string, Pick<NodeSight, 'conditions' | 'kubelet'>>
  /** DaemonSets by name. All are in namespace `default`. */
  daemonSets: Map<string, DaemonSetSight>
  /** Pods of DaemonSets by name, each with the Node that it is bound to. */
  daemonPods: Map<string, DaemonPod & { node: string }>
  /** True if the binding of `bindBootstrappersToNodeclient` exists. */
  nodeclientBound: boolean
  /** PEM of a request that the signers read in place of any other. */
  signedInstead: string | undefined
  /** True if anybody may read `cluster-info`, as kubeadm makes it. */
  clusterInfoPublic: boolean
  /** The configuration in each ConfigMap, as YAML. */
  configMaps: Record<NodeConfigMap, string>
  /** Deleted bindings of the server's rights, by `keyOf`. */
  bindingsGone: Set<string>
  /** The answer to every request of the server. Undefined if requests are answered as usual. */
  overload: Overload | undefined
  /** Policies whose binding was deleted. */
  unbound: Set<Policy>
  /** Times at which the binding of a policy was made again. */
  boundSince: Map<Policy, Date>
  /** Count of the times that the cluster forgot the lists which somebody was reading page by page. */
  listsForgotten: number
  /** True if the port's calls find the API server. */
  reachable: boolean
  /** True if the API server has answered one of the port's calls. */
  answered: boolean
  /** Counts of its answers to the port's calls. */
  answers: AnswerCounts
  /** True if it answers each call as slowly as one that has too much to do. Nobody waits for that here. */
  slow: boolean
  /** True if watches say nothing any more, and nobody ends them. */
  silent: boolean
  /**
   * Dispatches `change` after each change of a CSR or Node. The event's detail is the Node that was made or changed.
   */
  watch: EventTarget
}

/** A Pod, and the name of its Node. */
export interface BoundRehearsalPod extends NodePod {
  node: string
}

/** The answer of an API server that cannot serve now, and the seconds of its Retry-After. */
export interface Overload {
  status: 429 | 500 | 503
  message: string
  retryAfter?: number
}

/** Delays in milliseconds until the API server heeds what it was told. */
export interface Delays {
  /**
   * Delay of a change of the ban list for policies, which have the list as their parameter: each API server has its own
   * cache.
   */
  bans: number
  /**
   * Delay until the API server notices that a token which it has let in is gone: `TokenSuccessCacheTTL` in
   * pkg/kubeapiserver/options/authentication.go is 10 s.
   */
  tokens: number
}

/** Changes the ban list for the administrator or the server. Without a reason, the name is taken off. */
export const changeBan = (state: State, name: string, reason: string | undefined, now: Date): void => {
  const before = state.banned.has(name)
  if (before !== (reason !== undefined)) state.banChanges.set(name, { at: now, before })
  if (reason === undefined) state.banned.delete(name)
  else state.banned.set(name, reason)
  state.banListVersion += 1
}

/** Deletes the Node, and what goes with it. The Pods that are bound to its name are collected later. */
export const forgetNode = ({ nodes, leases, sights }: State, name: string): void => {
  for (const one of [nodes, leases, sights]) one.delete(name)
}

/** True if policies take the name for banned by now. */
export const isHeededBan = ({ banned, banChanges, delays }: State, name: string, now: Date): boolean => {
  const change = banChanges.get(name)
  const isLate = change !== undefined && now.getTime() < change.at.getTime() + delays.bans
  return isLate ? change.before : banned.has(name)
}

export const keyOf = ({ namespace = '', name }: BindingName): string => `${namespace}/${name}`

/** The kubelet configuration that kubeadm writes by default, as far as the server and the machines read it. */
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
  nodeImages: new Map(),
  pods: new Map(),
  banned: new Map(),
  generation: undefined,
  banListVersion: 1,
  banChanges: new Map(),
  admitted: new Map(),
  delays: { bans: 0, tokens: 0 },
  leases: new Map(),
  sights: new Map(),
  daemonSets: new Map(),
  daemonPods: new Map(),
  nodeclientBound: false,
  signedInstead: undefined,
  clusterInfoPublic: true,
  configMaps: { 'kubelet-config': kubeletConfig, 'kube-proxy': kubeProxyConfig },
  bindingsGone: new Set(),
  overload: undefined,
  unbound: new Set(),
  boundSince: new Map(),
  listsForgotten: 0,
  reachable: true,
  answered: false,
  answers: { all: 0, slow: 0, refused: 0 },
  slow: false,
  silent: false,
  watch: new EventTarget()
})

/** Announces a change to the watches. A watch delivers later, never inside the call that made the change. */
export const announce = (state: State, node?: ClusterNode): void => {
  const detail = structuredClone(node)
  setImmediate(() => {
    if (state.reachable && !state.silent)
      state.watch.dispatchEvent(new CustomEvent<ClusterNode | undefined>('change', { detail }))
  })
}

/**
 * Deletes old CSRs as the controller `csrcleaner` does (pkg/controller/certificates/cleaner): issued or denied ones an
 * hour after that, ones that nobody judged a day after they were made. The controller looks once an hour; here each
 * request goes at the earliest moment.
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

/** Changes a CSR. Anybody who has read it before has an older version. */
export const changeCsr = (state: State, csr: StoredCsr, change: Partial<StoredCsr>): void => {
  Object.assign(csr, change, { version: csr.version + 1 })
  announce(state)
}
