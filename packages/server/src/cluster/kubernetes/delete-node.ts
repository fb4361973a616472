import { setTimeout } from 'node:timers/promises'
import type { ClusterNode } from '../cluster.ts'
import type { Connection } from './connection.ts'
import { refusalMessage, statusOf } from './errors.ts'
import { notBanned } from './names.ts'

const pause = 250
const tries = 20

/** An API server heeds a change of the ban list a moment after it was written: tried for some seconds. */
export const deleteNode = async (api: Connection, node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> => {
  for (let left = tries; ; left -= 1) {
    try {
      return await deleteOnce(api, node)
    } catch (error) {
      if (left === 0 || refusalMessage(error)?.includes(notBanned) !== true) throw error
      await setTimeout(pause)
    }
  }
}

const deleteOnce = async (api: Connection, { name, uid }: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> => {
  try {
    await api.core.deleteNode({ name, body: { preconditions: { uid } } })
  } catch (error) {
    // 409: it is another one by now
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
  }
}
