import { notBanned } from '@joinery/kube/names.ts'
import { isControlPlane } from '@joinery/protocol'
import type { ClusterNode } from '../../cluster.ts'

/** Why the admission policy `joinery-node-deletions` refuses to delete the Node; undefined where it does not. */
export const deletionRefusal = (node: ClusterNode, isBanned: boolean): string | undefined => {
  if (isControlPlane(node)) return 'Joinery deletes workers only'
  return isBanned ? undefined : notBanned
}
