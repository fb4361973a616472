import { claimed } from '@joinery/protocol'
import type { Cluster, ClusterNode } from '../cluster/cluster.ts'
import { isDeletable, unwantedNode } from '../enrolment/node/unwanted-node.ts'
import type { EnrolmentDocument, Store } from '../store/store.ts'
import { banReason } from './ban-reason.ts'

/**
 * Bans the name and deletes the Node, where it is one that is to go. In this order the cluster allows it, and nothing comes
 * back in between; what is cut anywhere is done again. A control plane is only banned.
 */
export const takeAwayNode = async (
  { store, cluster }: { store: Store; cluster: Cluster },
  enrolment: EnrolmentDocument,
  node: ClusterNode
): Promise<void> => {
  const why = unwantedNode(enrolment, node)
  if (why === undefined || !isAlone(enrolment, await store.enrolmentsByName(enrolment.name))) return
  await cluster.ban(node.name, banReason(enrolment.id, why))
  if (isDeletable(enrolment, node)) await cluster.deleteNode(node)
}

/** Nobody else has claimed the name: else the Node is another machine's, and a ban would keep that one out. */
export const isAlone = ({ id }: EnrolmentDocument, named: readonly EnrolmentDocument[]): boolean =>
  !named.some((other) => other.id !== id && claimed.includes(other.state))
