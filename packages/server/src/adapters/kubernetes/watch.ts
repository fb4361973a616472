import type { Connection, LiveConnection } from '@joinery/kube'
import { statusOf, unservedFor, untilEnd } from '@joinery/kube'
import { csrSelector } from '@joinery/kube/names'
import type { V1Node } from '@kubernetes/client-node'
import type { ClusterNode } from '../../core/ports/cluster/nodes.ts'
import { pauseUnserved } from '../../core/ports/cluster/pause-unserved.ts'
import { toClusterNode } from './nodes/nodes.ts'

const restartDelay = 1_000

/** Pause in milliseconds while the cluster has not got what is watched: somebody must set it up first. */
const lackingDelay = 10_000

/** A kind of objects, as a watch follows it. */
export interface Watched {
  path: string
  fieldSelector?: string
  /** Resource version of the list now. A watch without it would begin with every object. */
  position(api: Connection): Promise<string>
  /** The Node to tell of, from an object that was made or changed. */
  toNode?: (object: V1Node) => ClusterNode
  /** True if a change is worth telling. If absent, every change is. `phase`: ADDED, MODIFIED or DELETED. */
  isNews?: (object: unknown, phase: string) => boolean
  /** True if a cluster of an earlier set-up has no such kind. */
  mayLack?: boolean
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

/**
 * The Node with its creation time as a `Date`. The client types the objects of a list, but a watch gives the JSON as it
 * came.
 */
const withDate = (object: V1Node): V1Node => {
  const { metadata } = object
  const created = metadata?.creationTimestamp
  return created === undefined ? object : { ...object, metadata: { ...metadata, creationTimestamp: new Date(created) } }
}

const position = (list: { metadata?: { resourceVersion?: string } }): string => list.metadata?.resourceVersion ?? ''

/** The connection of a watch, and how it waits for the next one. */
export type Watching = Pick<LiveConnection, 'connection' | 'pause'>

/**
 * Watches until `signal` aborts. It never throws, and its pauses keep no process alive. A watch that says nothing for
 * `silence` milliseconds counts as dead, and a new one begins.
 */
export const watch = (
  watching: Watching,
  changed: (node?: ClusterNode) => void,
  signal: AbortSignal,
  silence = 30_000
): void => {
  for (const resource of watched) void keepWatching(resource, watching, changed, signal, silence)
}

/** Watches one kind until `signal` aborts. See `watch`. */
export const keepWatching = async (
  resource: Watched,
  { connection, pause }: Watching,
  changed: (node?: ClusterNode) => void,
  signal: AbortSignal,
  silence: number
): Promise<void> => {
  let unserved = 0
  let isLacking = false
  while (!signal.aborted) {
    // whatever ends a watch, a timer elsewhere finds what the watch misses
    const error = await watchOnce(resource, connection, changed, signal, silence).catch((error: unknown) => error)
    const retryAfter = unservedFor(error)
    unserved = retryAfter === undefined ? 0 : unserved + 1
    const wasLacking = isLacking
    isLacking = resource.mayLack === true && [403, 404].includes(statusOf(error) ?? 0)
    // somebody took it away: that is a change, too
    if (isLacking && !wasLacking && !signal.aborted) changed()
    const delay = isLacking ? lackingDelay : restartDelay
    await pause(retryAfter === undefined ? delay : pauseUnserved(unserved, retryAfter), signal)
  }
}

/** Watches once from the present, and resolves when the watch ends. */
const watchOnce = async (
  { path, fieldSelector, position, toNode, isNews }: Watched,
  connection: () => Connection,
  changed: (node?: ClusterNode) => void,
  signal: AbortSignal,
  silence: number
): Promise<void> => {
  const api = connection()
  const resourceVersion = await position(api)
  // something may have changed between two watches
  changed()
  const tell = (phase: string, object: V1Node): void => {
    if (isNews?.(object, phase) === false) return
    if (toNode !== undefined && (phase === 'ADDED' || phase === 'MODIFIED')) changed(toNode(object))
    else changed()
  }
  await untilEnd(api, path, { resourceVersion, fieldSelector }, tell, { signal, silence })
}
