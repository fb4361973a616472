import type { Cluster } from '../ports/cluster/cluster.ts'
import type { Bounds } from './bounds.ts'

/**
 * The cluster with calls that the server does not make while the policy that holds them is missing: each of these throws
 * `cluster-unsafe` then. The policies that a token rests on are asked about before an attempt is opened.
 */
export const heldCluster = (cluster: Cluster, bounds: Pick<Bounds, 'require'>): Cluster =>
  // the rest is the cluster's own
  Object.assign(Object.create(cluster) as Cluster, {
    approveCsr: async (csr) => {
      await bounds.require('joinery-csr-approvals')
      await cluster.approveCsr(csr)
    },
    createOwnCsr: async (csr) => {
      await bounds.require('joinery-csrs')
      return cluster.createOwnCsr(csr)
    },
    setLabelsAndTaints: async (node, wanted) => {
      await bounds.require('joinery-nodes')
      await cluster.setLabelsAndTaints(node, wanted)
    },
    removeStartupTaint: async (node) => {
      await bounds.require('joinery-nodes')
      await cluster.removeStartupTaint(node)
    },
    deleteNode: async (node) => {
      await bounds.require('joinery-node-deletions')
      await cluster.deleteNode(node)
    },
    unban: async (name) => {
      await bounds.require('joinery-ban-list')
      await cluster.unban(name)
    }
  } satisfies Partial<Cluster>)
