import {
  ApiAnswers,
  ApiTime,
  both,
  boundPods,
  type Connection,
  connectionBy,
  connectionTo,
  type Sending,
  statusOf,
  version
} from '@joinery/kube'
import { banList, generationAnnotation, namespace } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { sharedAtOnce, sharedNext } from '../../core/base/cached.ts'
import { type Monotonic, systemMonotonic } from '../../core/base/clock.ts'
import type { Leadership } from '../../core/leadership/leadership.ts'
import { type NotedGeneration, notedAtMost } from '../../core/ports/cluster/banned-names.ts'
import type { UnguardedCluster } from '../../core/ports/cluster/unguarded-cluster.ts'
import { fixedFacts } from '../../core/trust/fixed-facts.ts'
import { configMapValue } from './config-map.ts'
import { approveCsr, createOwnCsr, deleteOwnCsr, denyCsr, kubeletCsrs, ownCsr, servingCsrs } from './csrs.ts'
import { apiServerUrl, clusterInfoServer, configuredServer, endpoint, publishedEndpoint } from './endpoint.ts'
import { imageSight } from './images/image-sight.ts'
import { leasedRequests } from './leased-requests.ts'
import { network } from './network.ts'
import { ban, bans, unban } from './nodes/ban.ts'
import { deleteNode } from './nodes/delete-node.ts'
import { setLabelsAndTaints } from './nodes/labels-and-taints.ts'
import { nameHolders } from './nodes/name-holder.ts'
import { readNodeConfiguration } from './nodes/node-configuration.ts'
import { nodePods } from './nodes/node-pods.ts'
import { daemonSets, nodeSight, podSight } from './nodes/node-sight.ts'
import { nodes } from './nodes/nodes.ts'
import { removeStartupTaint } from './nodes/remove-startup-taint.ts'
import { settleBannedLeases } from './nodes/settle-banned-leases.ts'
import { policyGaps } from './probes/policy-gaps.ts'
import { createToken, deleteToken } from './tokens.ts'
import { watch } from './watch.ts'

export interface ClusterOptions extends Pick<Sending, 'carrier' | 'pause'> {
  /** Host or host:port that machines get in place of the endpoint that `setup` fixed, or that kubeadm wrote down. */
  apiEndpoint?: string
  /** Each request ends before it does. */
  leadership?: Leadership
  monotonic?: Monotonic
}

/** The cluster that `kubeconfigFile` names. The file need not exist yet, and is read again if it has changed. */
export const kubernetesCluster = (
  kubeconfigFile: string,
  { apiEndpoint, leadership, carrier, pause, monotonic = systemMonotonic }: ClusterOptions = {}
): UnguardedCluster => {
  const time = new ApiTime(monotonic)
  const answers = new ApiAnswers(monotonic)
  const noted = both(time, answers)
  const listener = leadership === undefined ? noted : both(noted, leasedRequests(leadership))
  const live = connectionTo(kubeconfigFile, { listener, ...given({ carrier, pause }) })
  const { call } = live
  /** The endpoint that root chose. Undefined after an upgrade, until setup has run: then it is the one that the cluster says. */
  const chosen = async () => apiEndpoint ?? (await fixedFacts(kubeconfigFile))?.apiEndpoint
  const nameHolder = nameHolders(monotonic)
  const banned = sharedNext(() => call(bans))
  return {
    version: () => call(version),
    now: () => time.now(),
    answers: () => answers.counts,
    // each machine that claims asks these, and many claim at once
    endpoint: sharedAtOnce(() => call(async (api) => endpoint(api, await chosen()))),
    publishedEndpoint: () => call(publishedEndpoint),
    autoApproval: sharedAtOnce((group) => call((api) => autoApproval(api, group))),
    apiHosts: () => call(async (api) => apiHosts(api, await chosen())),
    network: () => call(network),
    nodeConfiguration: () => call(readNodeConfiguration),
    imageSight: () => call(imageSight),
    publishesClusterInfo: () => call(publishesClusterInfo),
    nameHolder: (name) => call((api) => nameHolder(api, name)),
    nodePods: (name) => call((api) => nodePods(api, name)),
    boundPods: (name) => call((api) => boundPods(api, name)),
    policyGaps: (policy, rights, now) => call((api) => policyGaps(api, policy, rights, now)),
    createToken: (token) => call((api) => createToken(api, token)),
    deleteToken: (id) => call((api) => deleteToken(api, id)),
    kubeletCsrs: () => call(kubeletCsrs),
    servingCsrs: () => call(servingCsrs),
    approveCsr: (csr) => call((api) => approveCsr(api, csr)),
    denyCsr: (csr, fault) => call((api) => denyCsr(api, csr, fault)),
    createOwnCsr: (csr) => call((api) => createOwnCsr(api, csr)),
    ownCsr: (name) => call((api) => ownCsr(api, name)),
    deleteOwnCsr: (name) => call((api) => deleteOwnCsr(api, name)),
    nodes: () => call(nodes),
    nodeSight: (name) => call((api) => nodeSight(api, name)),
    podSight: (name) => call((api) => podSight(api, name)),
    daemonSets: () => call(daemonSets),
    setLabelsAndTaints: (node, wanted) => call((api) => setLabelsAndTaints(api, node, wanted)),
    removeStartupTaint: (node) => call((api) => removeStartupTaint(api, node)),
    deleteNode: (node) => call((api) => deleteNode(api, node)),
    ban: (name, reason) => call((api) => ban(api, name, reason)),
    bans: banned,
    unban: async (name) => {
      // each claim lifts the ban of its name, and few names have one
      if ((await banned()).has(name)) await call((api) => unban(api, name))
    },
    generation: () => call(generation),
    noteGeneration: (text, version) => call((api) => noteGeneration(api, text, version)),
    settleBannedLeases: (nodes, turn) => call((api) => settleBannedLeases(api, nodes, turn)),
    watch: (changed, signal) => watch(live, changed, signal)
  }
}

/**
 * Hosts of every address by which the cluster is known. Machines get `override` in place of what the cluster publishes,
 * but the published hosts count too.
 */
const apiHosts = async (api: Connection, override?: string): Promise<string[]> => {
  const [configured, info, { controlPlanes }] = await Promise.all([
    configuredServer(api),
    clusterInfoServer(api),
    network(api)
  ])
  const named = [api.server, configured, info, override === undefined ? undefined : apiServerUrl(override)]
  const urls = [...named.flatMap((url) => url ?? []), ...controlPlanes.map(apiServerUrl)]
  return [...new Set(urls.map(hostOf))].sort()
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '')

/**
 * Subresources that the stock controller reviews for a CSR's requester before it approves:
 * pkg/controller/certificates/approver.
 */
const subresources = ['nodeclient', 'selfnodeclient']

/** User name of any bootstrap token. The groups decide; the user's name counts only if somebody bound this very one. */
const anyToken = 'system:bootstrap:aaaaaa'

const autoApproval = async (api: Connection, group: string): Promise<string | undefined> => {
  const answers = await Promise.all(subresources.map((subresource) => review(api, group, subresource)))
  return answers.find((answer) => answer !== undefined)
}

const review = async (api: Connection, group: string, subresource: string): Promise<string | undefined> => {
  const { status } = await api.authorization.createSubjectAccessReview({
    body: {
      spec: {
        user: anyToken,
        groups: ['system:bootstrappers', group, 'system:authenticated'],
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource
        }
      }
    }
  })
  if (status?.allowed !== true) return undefined
  return `a token of ${group} may create certificatesigningrequests/${subresource}: ${status.reason || 'no reason given'}`
}

/**
 * True if the cluster shows cluster-info to a machine that has nothing yet: the request has no credential. 401 means
 * that the API server knows no anonymous users.
 */
const publishesClusterInfo = async ({ config }: Connection): Promise<boolean> => {
  try {
    return (await configMapValue(connectionBy(config.anonymous()), 'kube-public', 'cluster-info', 'kubeconfig')) !== ''
  } catch (error) {
    if ([401, 403].includes(statusOf(error) ?? 0)) return false
    throw error
  }
}

/**
 * The generation that the ban list notes. A missing ban list is no error here: the proof of its policy reports that.
 */
export const generation = async (api: Connection): Promise<NotedGeneration> => {
  try {
    const { metadata } = await api.core.readNamespacedConfigMap({ namespace, name: banList })
    const text = metadata?.annotations?.[generationAnnotation]?.slice(0, notedAtMost)
    return { version: metadata?.resourceVersion ?? '', ...given({ text }) }
  } catch (error) {
    if (statusOf(error) === 404) return { version: '' }
    throw error
  }
}

/**
 * Writes the generation into the ban list. The merge patch names the version that was read: the API server refuses it
 * (409) if somebody wrote the list since.
 */
export const noteGeneration = async (api: Connection, text: string, version: string): Promise<void> => {
  const metadata = { resourceVersion: version, annotations: { [generationAnnotation]: text } }
  await api.core.patchNamespacedConfigMap(
    { namespace, name: banList, body: { metadata }, fieldManager: 'joinery-server' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}
