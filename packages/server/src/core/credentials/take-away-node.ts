import { claimantOf, othersThan } from '../enrolment/name/whose-name.ts'
import { isDeletable, unwantedNode } from '../enrolment/node/unwanted-node.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'
import { banReason } from './ban-reason.ts'
import type { TakingAway } from './cluster-guard.ts'

/**
 * Bans the name and deletes the Node, if it must go. In this order the cluster allows both, and nothing comes back in between.
 * What is cut anywhere is done again. A control plane is only banned.
 */
export const takeAwayNode = async (
  { store, takingAway }: { store: Pick<Store, 'enrolmentsByName'>; takingAway: TakingAway },
  enrolment: EnrolmentDocument,
  node: ClusterNode
): Promise<void> => {
  const why = unwantedNode(enrolment, node)
  if (why === undefined) return
  // the Node belongs to the claimant, and a ban would keep the claimant out
  if (claimantOf(othersThan(enrolment, await store.enrolmentsByName(enrolment.name))) !== undefined) return
  await takingAway.ban(node.name, banReason(enrolment.id, why))
  if (isDeletable(enrolment, node)) await takingAway.deleteNode(node)
}
