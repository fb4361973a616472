import type { Connection } from '@joinery/kube'
import { statusOf } from '@joinery/kube'
import { banList, namespace } from '@joinery/kube/names'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { shortReason } from '../../../core/ports/cluster/bounded-text.ts'
import { freeLease, labelLease, labelledLeases } from './labelled-leases.ts'
import { readNode } from './nodes.ts'

/** Bans the name. It writes the ban list first: if a crash follows, `settleBannedLeases` does the rest. */
export const ban = async (api: Connection, name: string, reason: string): Promise<void> => {
  await patch(api, { [name]: shortReason(reason) })
  const uid = (await readNode(api, name))?.metadata?.uid
  if (uid === undefined) return
  await unlessOlder(async () => {
    if ((await labelledLeases(api, name)).size === 0) await labelLease(api, { name, uid })
  })
}

export const bans = async (api: Connection): Promise<Map<string, string>> => {
  const { data = {} } = await api.core.readNamespacedConfigMap({ namespace, name: banList })
  return new Map(Object.entries(data))
}

/**
 * Lifts the ban of a name that is on the list. It writes the list last: as long as the name is there, an unban that was cut is done
 * again.
 */
export const unban = async (api: Connection, name: string): Promise<void> => {
  await unlessOlder(async () => {
    for (const [labelled, uid] of await labelledLeases(api, name)) await freeLease(api, labelled, uid)
  })
  await patch(api, { [name]: null })
}

/**
 * Patches the ban list by a merge patch of one key. Two servers that write at once cannot undo each other, and nothing
 * need be read before.
 */
const patch = async (api: Connection, data: Record<string, string | null>): Promise<void> => {
  await api.core.patchNamespacedConfigMap(
    { namespace, name: banList, body: { data }, fieldManager: 'joinery-server' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}

/**
 * Does `write`, unless an earlier version of Joinery set up the cluster. In such a cluster the server has no right to
 * Leases, so no Lease is labelled. The proof of `joinery-leases` reports that, and a ban or a claim does not wait for
 * it.
 */
const unlessOlder = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write()
  } catch (error) {
    if (statusOf(error) !== 403) throw error
  }
}
