import { guardedLabels } from '@joinery/kube/names'
import { isSameTaint, joiningLabel, type Labels, type Taint } from '@joinery/protocol'
import type { LabelsAndTaints } from './cluster.ts'

/** The kubelet of a machine registered it with the label, and the server has not taken that away. */
export const isJoining = ({ labels }: { labels: Labels }): boolean => joiningLabel in labels

const guarded = new RegExp(guardedLabels)

/**
 * The admission policy `joinery-nodes` lets the server set this label on such a Node: any while it is joining, and otherwise
 * one that is not there and is not guarded. What is there already is no change.
 */
export const maySetLabel = (node: { labels: Labels }, key: string, value: string): boolean => {
  const before = node.labels[key]
  return isJoining(node) || (before === undefined ? !guarded.test(key) : before === value)
}

/** The same of a taint: otherwise one that is not there, and evicts nothing. */
export const maySetTaint = (node: LabelsAndTaints, taint: Taint): boolean => {
  const before = node.taints.find((has) => isSameTaint(has, taint))
  return isJoining(node) || (before === undefined ? taint.effect !== 'NoExecute' : before.value === taint.value)
}

/** What of it the server may set on the Node as it is, and what it may not. */
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
