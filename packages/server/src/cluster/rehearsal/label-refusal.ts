import { isDeepStrictEqual } from 'node:util'
import { controlPlaneLabels, controlPlaneTaints, isSameTaint, kubeletLabels } from '@joinery/protocol'
import type { LabelsAndTaints } from '../cluster.ts'

/** Why the admission policy `joinery-nodes` refuses these of the Node; undefined where it does not. */
export const labelRefusal = (node: LabelsAndTaints, { labels, taints = node.taints }: Partial<LabelsAndTaints>) => {
  const keys = Object.keys(labels ?? {})
  const has = (list: readonly string[]) => (key: string) => list.includes(key)
  if (keys.some(has([...controlPlaneLabels, ...kubeletLabels]))) {
    return 'Joinery sets no label of kubelets and of control planes'
  }
  const changed = node.taints.filter((before) => !taints.some((taint) => isDeepStrictEqual(taint, before)))
  if (changed.some(({ key }) => has(controlPlaneLabels)(key))) return 'Joinery changes no taint of control planes'
  const added = taints.filter((taint) => !node.taints.some((before) => isSameTaint(before, taint)))
  if (added.some(({ key }) => key.startsWith(controlPlaneTaints)))
    return "Joinery sets no taint of the control plane's own"
  return undefined
}
