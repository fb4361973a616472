import type { NameHolder } from '@joinery/protocol'
import { holderView } from '../../enrolment/views.ts'
import type { Cluster, ClusterNode } from '../../ports/cluster/cluster.ts'
import type { Store } from '../../ports/store/store.ts'
import { findEnrolment } from './find-enrolment.ts'

export interface HolderParts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'enrolmentsByShortId'>
  cluster: Pick<Cluster, 'nodes' | 'boundPods'>
}

/** Says what has the name in the cluster now. Throws `cluster-unavailable`. */
export const holder =
  ({ store, cluster }: HolderParts) =>
  async (reference: string): Promise<NameHolder> => {
    const { name } = await findEnrolment(store, reference)
    const [node, pods] = await Promise.all([findNode(cluster, name), cluster.boundPods(name)])
    return holderView(node, pods)
  }

/** The Node of the name, if there is one. */
export const findNode = async (cluster: Pick<Cluster, 'nodes'>, name: string): Promise<ClusterNode | undefined> =>
  (await cluster.nodes()).find((node) => node.name === name)
