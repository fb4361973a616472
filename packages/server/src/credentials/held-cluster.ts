import type { Cluster } from '../cluster/cluster.ts'
import type { Bounds } from './bounds.ts'

/**
 * The cluster, but for what the server does not do while the policy is missing that holds it there: each of these throws
 * `cluster-unsafe` then. What a token rests on is asked for before an attempt is opened.
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
    deleteNode: async (node) => {
      await bounds.require('joinery-node-deletions')
      await cluster.deleteNode(node)
    },
    unban: async (name) => {
      await bounds.require('joinery-ban-list')
      await cluster.unban(name)
    }
  } satisfies Partial<Cluster>)
