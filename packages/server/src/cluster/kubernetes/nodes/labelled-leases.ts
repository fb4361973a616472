import type { Connection } from '@joinery/kube'
import { inPages, statusOf } from '@joinery/kube'
import { bannedLabel, leaseNamespace as namespace } from '@joinery/kube/names'
import type { ClusterNode } from '../../cluster.ts'

/** How often a kubelet that makes its Lease anew may be faster. */
const tries = 3

/** Name to uid of the Leases that have the label which `joinery-ban-leases` looks for: of all, or of that name. */
export const labelledLeases = async (api: Connection, name?: string): Promise<Map<string, string>> => {
  const which = {
    namespace,
    labelSelector: bannedLabel,
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` })
  }
  const leases = await inPages(
    (page) => api.coordination.listNamespacedLease({ ...which, ...page }),
    ({ metadata }) => [metadata?.name ?? '', metadata?.uid ?? ''] as const
  )
  return new Map(leases)
}

/**
 * Puts one with the label in the place of the Lease that the Node has; a Node without one has no heartbeat to stop. The server
 * has no right to change a Lease: a policy that held it would be evaluated for each heartbeat of each Node. What is cut
 * between the two, or a kubelet that is faster each time, is left for the next look.
 */
export const labelLease = async (api: Connection, node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> => {
  for (let left = tries; left > 0; left -= 1) {
    if (!(await deleteLease(api, node.name)) || (await createLabelled(api, node))) return
  }
}

/** Deletes the labelled Lease, so that the kubelet can make another one. One that is gone, or another one by now, is success. */
export const freeLease = async (api: Connection, name: string, uid: string): Promise<void> => {
  await deleteLease(api, name, uid)
}

/** False where it is gone, or not the one with that uid. */
const deleteLease = async (api: Connection, name: string, uid?: string): Promise<boolean> => {
  try {
    await api.coordination.deleteNamespacedLease({
      namespace,
      name,
      body: uid === undefined ? {} : { preconditions: { uid } }
    })
    return true
  } catch (error) {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    return false
  }
}

/** It goes with the Node, as the kubelet's does. False where the kubelet was faster. */
const createLabelled = async (api: Connection, { name, uid }: Pick<ClusterNode, 'name' | 'uid'>): Promise<boolean> => {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }]
  const body = {
    metadata: { name, labels: { [bannedLabel]: '' }, ownerReferences },
    spec: { holderIdentity: name, leaseDurationSeconds: 40 }
  }
  try {
    await api.coordination.createNamespacedLease({ namespace, body, fieldManager: 'joinery-server' })
    return true
  } catch (error) {
    if (statusOf(error) !== 409) throw error
    return false
  }
}
