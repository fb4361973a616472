import type { Connection } from './connection.ts'

/** The identity of a cluster: the uid of its Namespace kube-system. Undefined if the API server names none. */
export const clusterUid = async ({ core }: Pick<Connection, 'core'>): Promise<string | undefined> => {
  const { metadata } = await core.readNamespace({ name: 'kube-system' })
  return /^[0-9A-Za-z-]{1,64}$/.test(metadata?.uid ?? '') ? metadata?.uid : undefined
}
