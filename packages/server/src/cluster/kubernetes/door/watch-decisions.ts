import type { Connection } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { keepWatching, type Watched } from '../watch.ts'

const kind = { group: doorGroup, version: doorVersion, plural: 'decisions' }

const watched: Watched = {
  path: `/apis/${doorGroup}/${doorVersion}/decisions`,
  position: async ({ custom }) => {
    const list = (await custom.listClusterCustomObject({ ...kind, limit: 1 })) as Listed
    return list.metadata?.resourceVersion ?? ''
  },
  // the server's own writes of status are no news to it
  isNews: (object) => typeof (object as Watchable | undefined)?.status?.result !== 'string',
  mayLack: true
}

interface Listed {
  metadata?: { resourceVersion?: string }
}
interface Watchable {
  status?: { result?: unknown } | null
}

/** Watches Decisions as `watch` does CSRs and Nodes, and calls `changed` if there may be an open one. */
export const watchDecisions = (connection: () => Connection, changed: () => void, signal: AbortSignal): void => {
  void keepWatching(watched, connection, () => changed(), signal, 30_000)
}
