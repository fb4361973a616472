import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { banList, namespace } from './names.ts'

export const ban = (api: Connection, name: string, reason: string): Promise<void> => patch(api, { [name]: reason })

export const unban = (api: Connection, name: string): Promise<void> => patch(api, { [name]: null })

/** A merge patch of one key: two servers that write at once cannot undo each other, and nothing need be read. */
const patch = async (api: Connection, data: Record<string, string | null>): Promise<void> => {
  await api.core.patchNamespacedConfigMap(
    { namespace, name: banList, body: { data }, fieldManager: 'joinery-server' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}
