import type { Connection } from '@joinery/kube'
import { refusalOf } from '@joinery/kube'
import { nodeDeletionPolicy, nodePolicy } from '@joinery/kube/names'
import { controlPlaneLabels, joiningLabel } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Probe } from './probe.ts'

/** Probes of the policy for Nodes, on any Node. There are none if the cluster has no Node. */
export const nodeProbes = async (api: Connection): Promise<Probe[]> => {
  const name = await anyNode(api)
  if (name === undefined) return []
  const probe = (what: string, metadata: object): Probe => ({
    what,
    refusedBy: nodePolicy,
    ask: (server) =>
      refusalOf(() =>
        server.core.patchNode(
          { name, body: { metadata }, dryRun: 'All' },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
        )
      )
  })
  return [
    probe('an annotation of a Node', { annotations: { [joiningLabel]: 'dry-run' } }),
    // no kubelet gives the label this value, so this is a change even while the Node is joining
    probe('the mark of joining on a Node', { labels: { [joiningLabel]: 'dry-run' } })
  ]
}

/**
 * Probes of the policy for deletions, on a control plane, which the server must never delete. There are none if the
 * cluster shows no control plane.
 */
export const nodeDeletionProbes = async (api: Connection): Promise<Probe[]> => {
  const name = await anyNode(api, controlPlaneLabels[0])
  if (name === undefined) return []
  // the API server reads `dryRun` from the body, and from the query only if there is no body
  const dryRun = ['All']
  const ask: Probe['ask'] = (server) =>
    refusalOf(() => server.core.deleteNode({ name, dryRun: 'All', body: { dryRun } }))
  return [{ what: 'the deletion of a control plane', refusedBy: nodeDeletionPolicy, ask }]
}

const anyNode = async (api: Connection, labelSelector?: string): Promise<string | undefined> => {
  const { items } = await api.core.listNode({ limit: 1, ...given({ labelSelector }) })
  return items[0]?.metadata?.name
}
