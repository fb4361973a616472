import { ApiAnswers, ApiTime, both, boundPods, connectionTo, version } from '@joinery/kube'
import { sharedAtOnce, sharedNext } from '../../core/base/cached.ts'
import { systemMonotonic } from '../../core/base/clock.ts'
import type { Leadership } from '../../core/leadership/leadership.ts'
import type { Cluster } from '../../core/ports/cluster/cluster.ts'
import { fixedFacts } from '../../core/trust/fixed-facts.ts'
import { apiHosts } from './api-hosts.ts'
import { autoApproval } from './auto-approval.ts'
import { publishesClusterInfo } from './cluster-info.ts'
import { approveCsr, createOwnCsr, deleteOwnCsr, denyCsr, kubeletCsrs, ownCsr, servingCsrs } from './csrs.ts'
import { endpoint, publishedEndpoint } from './endpoint.ts'
import { generation, noteGeneration } from './generation.ts'
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

/**
 * The cluster that `kubeconfigFile` names. The file need not exist yet, and is read again if it has changed. Machines
 * get `apiEndpoint` (host or host:port), or the endpoint that `setup` fixed, in place of the one that kubeadm wrote down. Each request ends
 * before `leadership` does.
 */
export const kubernetesCluster = (
  kubeconfigFile: string,
  overrides: { apiEndpoint?: string | undefined } = {},
  leadership?: Leadership
): Cluster => {
  const time = new ApiTime()
  const answers = new ApiAnswers()
  const noted = both(time, answers)
  const listener = leadership === undefined ? noted : both(noted, leasedRequests(leadership))
  const { call, connection } = connectionTo(kubeconfigFile, listener)
  /** The endpoint that root chose. Undefined after an upgrade, until setup has run: then it is the one that the cluster says. */
  const chosen = async () => overrides.apiEndpoint ?? (await fixedFacts(kubeconfigFile))?.apiEndpoint
  const nameHolder = nameHolders(systemMonotonic)
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
    watch: (changed, signal) => watch(connection, changed, signal)
  }
}
