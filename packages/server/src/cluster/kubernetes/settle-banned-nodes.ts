import { heartbeatsToStop } from '../banned-nodes.ts'
import type { ClusterNode } from '../cluster.ts'
import { type ConfigMapPatch, patch } from './ban.ts'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'
import { banList, bannedNodes, bannedNodesLabel, namespace } from './names.ts'
import { readNode } from './nodes.ts'

/**
 * Reads the list of banned Nodes before the ban list: a ban that comes in between changes what was read first, and then
 * nothing is written.
 */
export const settleBannedNodes = async (
  api: Connection,
  nodes: readonly Pick<ClusterNode, 'name'>[]
): Promise<number> => {
  const { data: listed = {}, metadata } = await api.core.readNamespacedConfigMap({ namespace, name: bannedNodes })
  const { data: banned = {} } = await api.core.readNamespacedConfigMap({ namespace, name: banList })
  const there = new Set(nodes.map(({ name }) => name))
  // one that came since `nodes` was listed, and was banned since
  for (const name of Object.keys(listed)) {
    if (name in banned && !there.has(name) && (await readNode(api, name)) !== undefined) there.add(name)
  }
  const { names, beyond } = heartbeatsToStop(Object.keys(banned), there)
  const body = changeTo(names, listed, metadata?.labels ?? {})
  if (body === undefined) return beyond
  const resourceVersion = metadata?.resourceVersion ?? ''
  try {
    await patch(api, bannedNodes, { ...body, metadata: { ...body.metadata, resourceVersion } })
  } catch (error) {
    // somebody banned or unbanned meanwhile: the next time sees it
    if (statusOf(error) !== 409) throw error
  }
  return beyond
}

/** Undefined where the list is right. The label is on it while it is not empty. */
const changeTo = (
  names: readonly string[],
  listed: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>
): ConfigMapPatch | undefined => {
  const wanted = new Set(names)
  const gone = Object.keys(listed).filter((name) => !wanted.has(name))
  const come = names.filter((name) => !(name in listed))
  if (gone.length === 0 && come.length === 0 && bannedNodesLabel in labels === names.length > 0) return undefined
  return {
    data: Object.fromEntries([...gone.map((name) => [name, null]), ...come.map((name) => [name, ''])]),
    metadata: { labels: { [bannedNodesLabel]: names.length > 0 ? '' : null } }
  }
}
