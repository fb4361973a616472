import type { Connection } from '@joinery/kube'
import { inPages, statusOf } from '@joinery/kube'
import { bannedLabel, leaseNamespace as namespace } from '@joinery/kube/names'
import type { ClusterNode } from '../../../core/ports/cluster/nodes.ts'

/** Most tries to replace a Lease: the kubelet may be faster and make its own Lease again. */
const tries = 3

/**
 * Name to uid of the Leases with the label that `joinery-ban-leases` looks for: all such Leases, or only the one called
 * `name`.
 */
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
 * Replaces the Lease of the Node by one with the label. A Node without a Lease has no heartbeat to stop. The server has
 * no right to change a Lease: the API server would evaluate a policy that bounds such changes for each heartbeat of
 * each Node. If a crash comes between the two writes, or the kubelet is faster each time, the next look does it.
 */
export const labelLease = async (api: Connection, node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> => {
  for (let left = tries; left > 0; left -= 1) {
    if (!(await deleteLease(api, node.name)) || (await createLabelled(api, node))) return
  }
}

/**
 * Deletes the labelled Lease, so that the kubelet can make a new one. It is a success if the Lease is gone, or another
 * one by now.
 */
export const freeLease = async (api: Connection, name: string, uid: string): Promise<void> => {
  await deleteLease(api, name, uid)
}

/** Deletes the Lease. False if the Lease is gone, or has not that uid. */
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

/**
 * Creates the labelled Lease. The Lease goes with the Node, as the kubelet's own does. False if the kubelet was faster.
 */
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
