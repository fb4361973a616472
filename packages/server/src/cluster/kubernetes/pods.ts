import { setHeaderOptions, type V1ObjectMeta } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'

/** The API server then leaves spec and status out: what Pods run with is none of the server's business. */
const metadataAlone = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** Of the Pods that are bound to the node, `limit` of them at most, the metadata. RBAC cannot narrow a list to a field. */
export const podsOn = async (api: Connection, node: string, limit?: number): Promise<V1ObjectMeta[]> => {
  const { items } = await api.core.listPodForAllNamespaces(
    { fieldSelector: `spec.nodeName=${node}`, ...(limit !== undefined && { limit }) },
    setHeaderOptions('Accept', metadataAlone)
  )
  // of metadata alone an empty list is null
  return ((items as typeof items | null) ?? []).flatMap(({ metadata }) => metadata ?? [])
}
