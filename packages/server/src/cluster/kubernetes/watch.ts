import { setTimeout } from 'node:timers/promises'
import { Watch } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { csrSelector } from './csrs.ts'

const restartDelay = 1_000

interface Watched {
  path: string
  fieldSelector?: string
  /** Where the list stands now; a watch without it would begin with every object. */
  position(api: Connection): Promise<string>
}

const watched: Watched[] = [
  {
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    fieldSelector: csrSelector,
    position: async (api) =>
      position(await api.certificates.listCertificateSigningRequest({ limit: 1, fieldSelector: csrSelector }))
  },
  { path: '/api/v1/nodes', position: async (api) => position(await api.core.listNode({ limit: 1 })) }
]

const position = (list: { metadata?: { resourceVersion?: string } }): string => list.metadata?.resourceVersion ?? ''

/** Watches until `signal` aborts; never throws, and keeps no process alive by its pauses. */
export const watch = (connection: () => Connection, changed: () => void, signal: AbortSignal): void => {
  for (const resource of watched) void keepWatching(resource, connection, changed, signal)
}

const keepWatching = async (
  resource: Watched,
  connection: () => Connection,
  changed: () => void,
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
  { path, fieldSelector, position }: Watched,
  connection: () => Connection,
  changed: () => void,
  signal: AbortSignal
): Promise<void> => {
  const api = connection()
  const resourceVersion = await position(api)
  // for what changed between two watches
  changed()
  const ended = Promise.withResolvers<void>()
  const controller = await new Watch(api.config).watch(path, { resourceVersion, fieldSelector }, changed, () =>
    ended.resolve()
  )
  const stop = (): void => controller.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  await ended.promise
  signal.removeEventListener('abort', stop)
}
