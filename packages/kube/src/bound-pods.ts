import type { BoundPod } from '@joinery/protocol'
import { setHeaderOptions, type V1Pod } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { inPages } from './pages.ts'

/**
 * Media type for which the API server leaves out spec and status: what Pods run with is none of Joinery's business.
 */
const metadataAlone = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** The Pods that are bound to the Node of this name. */
export const boundPods = (api: Connection, node: string): Promise<BoundPod[]> =>
  inPages(
    (page) =>
      api.core.listPodForAllNamespaces(
        { fieldSelector: `spec.nodeName=${node}`, ...page },
        setHeaderOptions('Accept', metadataAlone)
      ),
    ({ metadata: { namespace = '', name = '', ownerReferences } = {} }: V1Pod) => ({
      namespace,
      name,
      controller: ownerReferences?.find(({ controller }) => controller === true)?.kind ?? ''
    })
  )
