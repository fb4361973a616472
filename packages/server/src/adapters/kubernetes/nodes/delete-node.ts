import type { Connection } from '@joinery/kube'
import { refusalMessage, statusOf } from '@joinery/kube'
import { notBanned } from '@joinery/kube/names'
import type { ClusterNode } from '../../../core/ports/cluster/nodes.ts'
import { untilHeeded } from '../../../core/ports/cluster/until-heeded.ts'

export const deleteNode = (api: Connection, node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> =>
  untilHeeded(
    () => deleteOnce(api, node),
    (error) => refusalMessage(error)?.includes(notBanned) === true
  )

const deleteOnce = async (api: Connection, { name, uid }: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> => {
  try {
    await api.core.deleteNode({ name, body: { preconditions: { uid } } })
  } catch (error) {
    // 409: a new Node has the name by now
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
  }
}
