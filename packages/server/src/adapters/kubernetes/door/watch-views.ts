import { type Connection, unservedFor, untilEnd } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { pauseUnserved } from '../../../core/ports/cluster/pause-unserved.ts'
import type { ShownView, ViewKind } from '../../../core/ports/objects/views.ts'
import type { Watching } from '../watch.ts'
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
  watching: Watching,
  seen: (view: ShownView) => void,
  lost: () => void,
  signal: AbortSignal,
  silence = 35_000
): void => {
  void keepWatching({ kind, seen, lost }, watching, signal, silence)
}

const keepWatching = async (
  listener: Listener,
  { connection, pause }: Watching,
  signal: AbortSignal,
  silence: number
): Promise<void> => {
  let position: string | undefined
  let failures = 0
  while (!signal.aborted) {
    let delay = restartDelay
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
      delay = pauseUnserved(failures, unservedFor(error) ?? 1)
    }
    await pause(delay, signal)
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
  const tell = (phase: string, object: ViewObject): void => {
    last = object.metadata?.resourceVersion ?? last
    if (phase === 'ADDED' || phase === 'MODIFIED') seen(shownView(object))
    if (phase === 'DELETED') seen({ ...shownView(object), hash: undefined })
  }
  const query = { resourceVersion: position, allowWatchBookmarks: true, timeoutSeconds: watchSeconds }
  await untilEnd(api, `/apis/${doorGroup}/${doorVersion}/${kind}`, query, tell, { signal, silence })
  return last
}
