import { isDeepStrictEqual } from 'node:util'
import { notBanned } from '@joinery/kube/names'
import {
  controlPlaneLabels,
  controlPlaneTaints,
  isControlPlane,
  isSameTaint,
  joiningLabel,
  kubeletLabels
} from '@joinery/protocol'
import type { ClusterNode, LabelsAndTaints } from '../../core/ports/cluster/cluster.ts'
import type { lacking } from '../../core/ports/cluster/lacking.ts'
import { maySetLabel, maySetTaint } from '../../core/ports/cluster/within-bounds.ts'

/**
 * Reason for which the admission policy `joinery-nodes` refuses to write these to the Node. Undefined if the policy
 * allows it.
 */
export const labelRefusal = (
  node: LabelsAndTaints,
  { labels, taints = node.taints }: NonNullable<ReturnType<typeof lacking<LabelsAndTaints['taints'][number]>>>
): string | undefined => {
  const set = Object.entries(labels).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))
  if (set.some(([key]) => key === joiningLabel)) return 'Joinery marks no Node as joining'
  const has = (list: readonly string[]) => (key: string) => list.includes(key)
  if (set.some(([key]) => has([...controlPlaneLabels, ...kubeletLabels])(key))) {
    return 'Joinery sets no label of kubelets and of control planes'
  }
  const [label] = set.find(([key, value]) => !maySetLabel(node, key, value)) ?? []
  if (label !== undefined) {
    return label in node.labels
      ? 'Joinery changes a label only while the Node is joining'
      : 'Joinery sets a label that guards the Node only while it is joining'
  }
  const changed = node.taints.filter((before) => !taints.some((taint) => isDeepStrictEqual(taint, before)))
  if (changed.some(({ key }) => has(controlPlaneLabels)(key))) return 'Joinery changes no taint of control planes'
  const added = taints.filter((taint) => !node.taints.some((before) => isSameTaint(before, taint)))
  if (added.some(({ key }) => key.startsWith(controlPlaneTaints)))
    return "Joinery sets no taint of the control plane's own"
  const taint = taints.find((one) => !maySetTaint(node, one))
  if (taint === undefined) return undefined
  return node.taints.some((before) => isSameTaint(before, taint))
    ? 'Joinery changes a taint only while the Node is joining'
    : 'Joinery evicts Pods only while the Node is joining'
}

/**
 * Reason for which the admission policy `joinery-node-deletions` refuses to delete the Node. Undefined if the policy
 * allows it.
 */
export const deletionRefusal = (node: ClusterNode, isBanned: boolean): string | undefined => {
  if (isControlPlane(node)) return 'Joinery deletes workers only'
  return isBanned ? undefined : notBanned
}
