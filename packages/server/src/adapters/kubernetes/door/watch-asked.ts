import type { Connection } from '@joinery/kube'
import { doorGroup, doorVersion, type Resource } from '@joinery/kube/door'
import { keepWatching } from '../watch.ts'

/** An object of the door as the API server gives it. */
export interface GivenObject {
  metadata?: { name?: string; uid?: string; resourceVersion?: string; generation?: number; creationTimestamp?: string }
  spec?: unknown
  status?: unknown
}

interface Listed {
  metadata?: { resourceVersion?: string }
}

/** Watches objects of the door as `watch` does CSRs and Nodes, and calls `changed` if there may be something to do. */
export const watchAsked = (
  plural: Resource,
  isNews: (object: GivenObject, phase: string) => boolean,
  connection: () => Connection,
  changed: () => void,
  signal: AbortSignal
): void => {
  const watched = {
    path: `/apis/${doorGroup}/${doorVersion}/${plural}`,
    position: async ({ custom }: Connection) => {
      const of = { group: doorGroup, version: doorVersion, plural }
      const list = (await custom.listClusterCustomObject({ ...of, limit: 1 })) as Listed
      return list.metadata?.resourceVersion ?? ''
    },
    isNews: (object: unknown, phase: string) => isNews(object ?? {}, phase),
    mayLack: true
  }
  void keepWatching(watched, connection, () => changed(), signal, 30_000)
}
