import type { Connection } from '@joinery/kube'
import { isConflict } from '@joinery/kube'
import { ProblemError } from '@joinery/protocol'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { lacking } from '../../../core/ports/cluster/lacking.ts'
import type { ClusterNode, LabelsAndTaints } from '../../../core/ports/cluster/nodes.ts'
import { againOnConflict } from '../../../core/ports/cluster/on-conflict.ts'
import { readNode } from './nodes.ts'

/**
 * Reads the Node, then patches that version of it: taints are one list, and the control plane's own come and go at any
 * time. If somebody else was faster, it starts again.
 */
export const setLabelsAndTaints = (
  api: Connection,
  { name, uid }: Pick<ClusterNode, 'name' | 'uid'>,
  wanted: LabelsAndTaints
): Promise<void> =>
  againOnConflict(async () => {
    const node = await readNode(api, name)
    if (node?.metadata?.uid !== uid) throw new ProblemError('not-found', { detail: `the Node ${name} is gone` })
    const { labels = {}, resourceVersion } = node.metadata
    const lacks = lacking({ labels, taints: node.spec?.taints ?? [] }, wanted)
    if (lacks === undefined) return
    const { taints } = lacks
    const body = { metadata: { resourceVersion, labels: lacks.labels }, ...(taints && { spec: { taints } }) }
    await api.core.patchNode(
      { name, body, fieldManager: 'joinery-server' },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    )
  }, isConflict)
