import type { Connection } from '@joinery/kube'
import { isConflict } from '@joinery/kube'
import { isStartupTaint, ProblemError } from '@joinery/protocol'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { ClusterNode } from '../../../core/ports/cluster/nodes.ts'
import { againOnConflict } from '../../../core/ports/cluster/on-conflict.ts'
import { readNode } from './nodes.ts'

/**
 * Reads the Node, then patches that version of it: taints are one list, and others come and go at any time. A call that comes late
 * finds another version, and changes nothing.
 */
export const removeStartupTaint = (api: Connection, { name, uid }: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> =>
  againOnConflict(async () => {
    const node = await readNode(api, name)
    if (node?.metadata?.uid !== uid) throw new ProblemError('not-found', { detail: `the Node ${name} is gone` })
    const before = node.spec?.taints ?? []
    const taints = before.filter((taint) => !isStartupTaint(taint))
    if (taints.length === before.length) return
    const { resourceVersion } = node.metadata
    await api.core.patchNode(
      { name, body: { metadata: { resourceVersion }, spec: { taints } }, fieldManager: 'joinery-server' },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    )
  }, isConflict)
