import { setTimeout } from 'node:timers/promises'
import { type V1Node, Watch } from '@kubernetes/client-node'
import type { ClusterNode } from '../cluster.ts'
import type { Connection } from './connection.ts'
import { csrSelector } from './csrs.ts'
import { toClusterNode } from './nodes.ts'

const restartDelay = 1_000

interface Watched {
  path: string
  fieldSelector?: string
  /** Where the list stands now; a watch without it would begin with every object. */
  position(api: Connection): Promise<string>
  /** What is told of an object that was made or changed. */
  toNode?: (object: V1Node) => ClusterNode
}

const watched: Watched[] = [
  {
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    fieldSelector: csrSelector,
    position: async (api) =>
      position(await api.certificates.listCertificateSigningRequest({ limit: 1, fieldSelector: csrSelector }))
  },
  {
    path: '/api/v1/nodes',
    position: async (api) => position(await api.core.listNode({ limit: 1 })),
    toNode: (object) => toClusterNode(withDate(object))
  }
]

/** A list is read by the client's types, and what a watch gives is the JSON as it came. */
const withDate = (object: V1Node): V1Node => {
  const { metadata } = object
  const created = metadata?.creationTimestamp
  return created === undefined ? object : { ...object, metadata: { ...metadata, creationTimestamp: new Date(created) } }
}

const position = (list: { metadata?: { resourceVersion?: string } }): string => list.metadata?.resourceVersion ?? ''

/** Watches until `signal` aborts; never throws, and keeps no process alive by its pauses. */
export const watch = (
  connection: () => Connection,
  changed: (node?: ClusterNode) => void,
  signal: AbortSignal
): void => {
  for (const resource of watched) void keepWatching(resource, connection, changed, signal)
}

const keepWatching = async (
  resource: Watched,
  connection: () => Connection,
  changed: (node?: ClusterNode) => void,
  signal: AbortSignal
): Promise<void> => {
  while (!signal.aborted) {
    // whatever ends a watch, a timer elsewhere finds what it misses
    await watchOnce(resource, connection, changed, signal).catch(() => undefined)
    await setTimeout(restartDelay, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

/** Resolves when the watch ends: client-node ends one that is silent for 30 s, the API server one of 30-60 min. */
const watchOnce = async (
  { path, fieldSelector, position, toNode }: Watched,
  connection: () => Connection,
  changed: (node?: ClusterNode) => void,
  signal: AbortSignal
): Promise<void> => {
  const api = connection()
  const resourceVersion = await position(api)
  // for what changed between two watches
  changed()
  const ended = Promise.withResolvers<void>()
  const tell = (phase: string, object: V1Node): void =>
    toNode !== undefined && (phase === 'ADDED' || phase === 'MODIFIED') ? changed(toNode(object)) : changed()
  const controller = await new Watch(api.config).watch(path, { resourceVersion, fieldSelector }, tell, () =>
    ended.resolve()
  )
  const stop = (): void => controller.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  await ended.promise
  signal.removeEventListener('abort', stop)
}
