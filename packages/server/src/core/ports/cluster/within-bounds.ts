import { guardedLabels } from '@joinery/kube/names'
import { isSameTaint, joiningLabel, type Labels, type Taint } from '@joinery/protocol'
import type { LabelsAndTaints } from './nodes.ts'

/** True if the kubelet registered its Node with the label, and the server has not taken the label away. */
export const isJoining = ({ labels }: { labels: Labels }): boolean => joiningLabel in labels

const guarded = new RegExp(guardedLabels)

/**
 * True if the admission policy `joinery-nodes` lets the server set this label on such a Node. A joining Node may get any label.
 * Another Node may get a label that it lacks and that is not guarded. A label that is there already is no change.
 */
export const maySetLabel = (node: { labels: Labels }, key: string, value: string): boolean => {
  const before = node.labels[key]
  return isJoining(node) || (before === undefined ? !guarded.test(key) : before === value)
}

/**
 * True if the admission policy `joinery-nodes` lets the server set this taint on such a Node. A joining Node may get any taint.
 * Another Node may get a taint that it lacks and that evicts nothing.
 */
export const maySetTaint = (node: LabelsAndTaints, taint: Taint): boolean => {
  const before = node.taints.find((has) => isSameTaint(has, taint))
  return isJoining(node) || (before === undefined ? taint.effect !== 'NoExecute' : before.value === taint.value)
}

/** Splits labels and taints into those that the server may set on the Node as it is, and those that it may not. */
export const withinBounds = (
  node: LabelsAndTaints,
  { labels, taints }: LabelsAndTaints
): { allowed: LabelsAndTaints; refused: LabelsAndTaints } => {
  const part = (allowed: boolean): LabelsAndTaints => ({
    labels: Object.fromEntries(
      Object.entries(labels).filter(([key, value]) => maySetLabel(node, key, value) === allowed)
    ),
    taints: taints.filter((taint) => maySetTaint(node, taint) === allowed)
  })
  return { allowed: part(true), refused: part(false) }
}
