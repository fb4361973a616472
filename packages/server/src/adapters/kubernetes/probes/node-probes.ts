import type { Connection } from '@joinery/kube'
import { refusalOf } from '@joinery/kube'
import { nodeDeletionPolicy, nodePolicy } from '@joinery/kube/names'
import { controlPlaneLabels, controlPlaneTaints, isStartupTaint, joiningLabel } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions, type V1Node } from '@kubernetes/client-node'
import type { Probe } from './probe.ts'

/**
 * Probes of the policy for Nodes, on any Node, and on a control plane: that one has a taint which stays. There are none if the
 * cluster has no Node.
 */
export const nodeProbes = async (api: Connection): Promise<Probe[]> => {
  const node = await anyNode(api)
  if (node === undefined) return []
  const probe = (what: string, { metadata = {} }: V1Node, change: object): Probe => ({
    what,
    refusedBy: nodePolicy,
    ask: (server) =>
      refusalOf(() =>
        server.core.patchNode(
          { name: metadata.name ?? '', body: change, dryRun: 'All' },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
        )
      )
  })
  const tainted = [node, await anyNode(api, controlPlaneLabels[0])].find((one) => one?.spec?.taints?.some(staysThere))
  return [
    probe('an annotation of a Node', node, { metadata: { annotations: { [joiningLabel]: 'dry-run' } } }),
    // no kubelet gives the label this value, so this is a change even while the Node is joining
    probe('the mark of joining on a Node', node, { metadata: { labels: { [joiningLabel]: 'dry-run' } } }),
    ...(tainted === undefined ? [] : [probe(takenTaint, tainted, { spec: { taints: withoutOne(tainted) } })])
  ]
}

/** The request that takes a taint away, in words. */
export const takenTaint = 'a Node without one of its taints'

/** True if the taint is one that the server never takes away, and that does not come and go with a condition of the Node. */
export const staysThere = (taint: { key: string; effect: string }): boolean =>
  !isStartupTaint(taint) && !taint.key.startsWith(controlPlaneTaints)

const withoutOne = ({ spec: { taints = [] } = {} }: V1Node): object[] => {
  const taken = taints.find(staysThere)
  return taints.filter((taint) => taint !== taken)
}

/**
 * Probes of the policy for deletions, on a control plane, which the server must never delete. There are none if the
 * cluster shows no control plane.
 */
export const nodeDeletionProbes = async (api: Connection): Promise<Probe[]> => {
  const node = await anyNode(api, controlPlaneLabels[0])
  if (node === undefined) return []
  const { name = '' } = node.metadata ?? {}
  // the API server reads `dryRun` from the body, and from the query only if there is no body
  const dryRun = ['All']
  const ask: Probe['ask'] = (server) =>
    refusalOf(() => server.core.deleteNode({ name, dryRun: 'All', body: { dryRun } }))
  return [{ what: 'the deletion of a control plane', refusedBy: nodeDeletionPolicy, ask }]
}

const anyNode = async (api: Connection, labelSelector?: string): Promise<V1Node | undefined> => {
  const { items } = await api.core.listNode({ limit: 1, ...given({ labelSelector }) })
  return items[0]
}
