import type { BoundPod } from '@joinery/protocol'
import { setHeaderOptions, type V1ObjectMeta, type V1Pod } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { inPages } from './pages.ts'

/**
 * Media type for which the API server leaves out spec and status: what Pods run with is none of Joinery's business.
 */
const metadataAlone = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** Metadata of the Pods that are bound to the node, at most `limit` of them. RBAC cannot narrow a list to a field. */
export const podsOn = async (api: Connection, node: string, limit?: number): Promise<V1ObjectMeta[]> => {
  const list = (page: { limit: number }) =>
    api.core.listPodForAllNamespaces(
      { fieldSelector: `spec.nodeName=${node}`, ...page },
      setHeaderOptions('Accept', metadataAlone)
    )
  const metadataOf = ({ metadata = {} }: V1Pod): V1ObjectMeta => metadata
  if (limit === undefined) return inPages(list, metadataOf)
  const { items } = await list({ limit })
  // an empty list is null if only metadata was asked for
  return ((items as typeof items | null) ?? []).map(metadataOf)
}

/** The Pods that are bound to the Node of this name. */
export const boundPods = async (api: Connection, node: string): Promise<BoundPod[]> =>
  (await podsOn(api, node)).map(({ namespace = '', name = '', ownerReferences }) => ({
    namespace,
    name,
    controller: ownerReferences?.find(({ controller }) => controller === true)?.kind ?? ''
  }))
