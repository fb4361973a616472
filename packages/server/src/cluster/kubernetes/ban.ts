import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'
import { banList, bannedNodes, bannedNodesLabel, namespace } from './names.ts'
import { readNode } from './nodes.ts'

/** The ban list comes first: what is cut after it, `settleBannedNodes` makes good. */
export const ban = async (api: Connection, name: string, reason: string): Promise<void> => {
  await patch(api, banList, { data: { [name]: reason } })
  if ((await readNode(api, name)) === undefined) return
  await unlessOlder(patch(api, bannedNodes, { data: { [name]: '' }, metadata: { labels: { [bannedNodesLabel]: '' } } }))
}

/** That the list is empty now, if it is, `settleBannedNodes` sees. */
export const unban = async (api: Connection, name: string): Promise<void> => {
  await patch(api, banList, { data: { [name]: null } })
  await unlessOlder(patch(api, bannedNodes, { data: { [name]: null } }))
}

export interface ConfigMapPatch {
  data?: Record<string, string | null>
  metadata?: { labels?: Record<string, string | null>; resourceVersion?: string }
}

/** A merge patch of single keys: two servers that write at once cannot undo each other, and nothing need be read. */
export const patch = async (api: Connection, name: string, body: ConfigMapPatch): Promise<void> => {
  await api.core.patchNamespacedConfigMap(
    { namespace, name, body, fieldManager: 'joinery-server' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}

/**
 * A cluster that an earlier version set up has no such list, or no right to it: nobody is on it, the proof of
 * `joinery-ban-leases` says so, and a ban or a claim does not wait for it.
 */
const unlessOlder = async (write: Promise<void>): Promise<void> => {
  try {
    await write
  } catch (error) {
    if (statusOf(error) !== 403 && statusOf(error) !== 404) throw error
  }
}
