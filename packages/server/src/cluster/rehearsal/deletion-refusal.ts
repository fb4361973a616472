import { isControlPlane } from '@joinery/protocol'
import type { ClusterNode } from '../cluster.ts'

/** Why the admission policy `joinery-node-deletions` refuses to delete the Node; undefined where it does not. */
export const deletionRefusal = (node: ClusterNode, banned: ReadonlyMap<string, string>): string | undefined => {
  if (isControlPlane(node)) return 'Joinery deletes workers only'
  return banned.has(node.name) ? undefined : 'Joinery deletes no Node whose name is not banned'
}
