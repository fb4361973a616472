import type { Enrolments } from '../../commit/enrolments.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { takeAwayNode } from '../../credentials/take-away-node.ts'
import { decideNode } from '../../enrolment/node/decide-node.ts'
import type { Cluster, ClusterNode } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument, Store } from '../../ports/store/store.ts'

export interface TakeAwayParts {
  store: Store
  cluster: Cluster
  enrolments: Pick<Enrolments, 'change'>
  credentials: Pick<Credentials, 'settle'>
}

/** Takes away what an enrolment that was removed has in the cluster: its credentials, and its Node. */
export const takeAway = async (
  { store, cluster, enrolments, credentials }: TakeAwayParts,
  removed: EnrolmentDocument,
  node: ClusterNode | undefined
): Promise<EnrolmentDocument> => {
  await credentials.settle(removed)
  if (node !== undefined) await takeAwayNode({ store, cluster }, removed, node)
  return enrolments.change(removed.id, (current, now) => decideNode(current, undefined, now))
}
