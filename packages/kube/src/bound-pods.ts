import type { BoundPod } from '@joinery/protocol'
import { setHeaderOptions, type V1ObjectMeta } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { inPages } from './pages.ts'

/**
 * Media type for which the API server leaves out spec and status: what Pods run with is none of Joinery's business.
 */
const metadataAlone = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

interface Page {
  limit: number
  _continue?: string
  resourceVersion?: string
  resourceVersionMatch?: 'NotOlderThan'
}

/** A page of the Pods that are bound to the node. RBAC cannot narrow a list to a field. */
const list = (api: Connection, node: string, page: Page) =>
  api.core.listPodForAllNamespaces(
    { fieldSelector: `spec.nodeName=${node}`, ...page },
    setHeaderOptions('Accept', metadataAlone)
  )

/**
 * Metadata of one Pod that is bound to the node, or undefined if none is, and the resource version of the look. `notOlderThan`: the
 * version of an earlier look. Then the API server answers from its cache at once if the cache is as new as that one. Otherwise it waits
 * until its cache has everything that etcd has, which takes up to 100 ms if anything was written lately (KEP-2340).
 */
export const somePodOn = async (
  api: Connection,
  node: string,
  notOlderThan?: string
): Promise<{ pod: V1ObjectMeta | undefined; version: string | undefined }> => {
  const { items, metadata } = await list(api, node, {
    limit: 1,
    ...(notOlderThan !== undefined && { resourceVersion: notOlderThan, resourceVersionMatch: 'NotOlderThan' })
  })
  // an empty list is null if only metadata was asked for
  const [pod] = (items as typeof items | null) ?? []
  return { pod: pod && (pod.metadata ?? {}), version: metadata?.resourceVersion }
}

/** The Pods that are bound to the Node of this name. */
export const boundPods = async (api: Connection, node: string): Promise<BoundPod[]> => {
  const found = await inPages(
    (page) => list(api, node, page),
    ({ metadata = {} }) => metadata
  )
  return found.map(({ namespace = '', name = '', ownerReferences }) => ({
    namespace,
    name,
    controller: ownerReferences?.find(({ controller }) => controller === true)?.kind ?? ''
  }))
}
