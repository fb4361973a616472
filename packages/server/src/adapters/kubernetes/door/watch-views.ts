import { setTimeout } from 'node:timers/promises'
import { type Connection, unservedFor } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { Watch } from '@kubernetes/client-node'
import { pauseUnserved } from '../../../core/ports/cluster/pause-unserved.ts'
import type { ShownView, ViewKind } from '../../../core/ports/objects/views.ts'
import { shownView, type ViewObject } from './shown-view.ts'

const restartDelay = 1_000

/** Seconds after which the API server ends a watch in good order. Shortly before, it says at which version the watch is. */
const watchSeconds = 25

interface Listener {
  kind: ViewKind
  seen: (view: ShownView) => void
  lost: () => void
}

/**
 * Watches until `signal` aborts. It never throws, and its pauses keep no process alive. A watch that ends in good order goes on
 * where it ended. After any other end it begins at the present, and `lost` is called: objects may have changed in between. A watch
 * that says nothing for `silence` milliseconds counts as dead.
 */
export const watchViews = (
  kind: ViewKind,
  connection: () => Connection,
  seen: (view: ShownView) => void,
  lost: () => void,
  signal: AbortSignal,
  silence = 35_000
): void => {
  void keepWatching({ kind, seen, lost }, connection, signal, silence)
}

const keepWatching = async (
  listener: Listener,
  connection: () => Connection,
  signal: AbortSignal,
  silence: number
): Promise<void> => {
  let position: string | undefined
  let failures = 0
  while (!signal.aborted) {
    let pause = restartDelay
    try {
      const api = connection()
      if (position === undefined) {
        position = await positionNow(api, listener.kind)
        listener.lost()
      }
      position = await watchOnce(api, listener, position, signal, silence)
      failures = 0
    } catch (error) {
      position = undefined
      failures += 1
      // each new beginning makes somebody list all objects
      pause = pauseUnserved(failures, unservedFor(error) ?? 1)
    }
    await setTimeout(pause, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

const of = (plural: ViewKind) => ({ group: doorGroup, version: doorVersion, plural })

const positionNow = async (api: Connection, kind: ViewKind): Promise<string> => {
  const list: { metadata?: { resourceVersion?: string } } = await api.custom.listClusterCustomObject({
    ...of(kind),
    limit: 1
  })
  return list.metadata?.resourceVersion ?? ''
}

/** Watches once from `position`. Resolves, when the watch ends in good order, with the position to go on from. */
const watchOnce = async (
  api: Connection,
  { kind, seen }: Listener,
  position: string,
  signal: AbortSignal,
  silence: number
): Promise<string> => {
  let last = position
  const ended = Promise.withResolvers<void>()
  const tell = (phase: string, object: ViewObject): void => {
    // 410, for example: the API server has forgotten the position
    if (phase === 'ERROR') ended.reject(new Error('the API server ended the watch'))
    else last = object.metadata?.resourceVersion ?? last
    if (phase === 'ADDED' || phase === 'MODIFIED') seen(shownView(object))
    if (phase === 'DELETED') seen({ ...shownView(object), hash: undefined })
  }
  const watching = new Watch(api.config)
  // client-node does not publish this option; the test of a silent watch shows whether it still has this name
  Object.assign(watching, { requestTimeoutMs: silence })
  const asked = { resourceVersion: position, allowWatchBookmarks: true, timeoutSeconds: watchSeconds }
  const path = `/apis/${doorGroup}/${doorVersion}/${kind}`
  const controller = await watching.watch(path, asked, tell, (error) => (error ? ended.reject(error) : ended.resolve()))
  const stop = (): void => controller.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await ended.promise
    return last
  } finally {
    stop()
    signal.removeEventListener('abort', stop)
  }
}
