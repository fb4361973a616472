import { isSameTaint, joiningLabel, type Labels, type Taint } from '@joinery/protocol'
import type { LabelsAndTaints } from './nodes.ts'
import { isJoining } from './within-bounds.ts'

/** A taint as a Node has it. It may have fields that are not ours, and they stay. */
interface NodeTaint {
  key: string
  value?: string
  effect: string
}

/**
 * The change that gives a Node what is wanted, and takes the mark of joining away. `labels`: those that the Node lacks, and
 * null for the one that goes. `taints`: all taints of the Node if it lacks one, because the API knows them as one list.
 * Undefined if there is nothing to write.
 */
export const lacking = <T extends NodeTaint>(
  node: { labels: Labels; taints: readonly T[] },
  wanted: LabelsAndTaints
): { labels: Record<string, string | null>; taints?: (T | Taint)[] } | undefined => {
  const labels = Object.entries(wanted.labels).filter(([key, value]) => node.labels[key] !== value)
  const taints = wanted.taints.filter(
    (taint) => !node.taints.some((has) => isSameTaint(has, taint) && (has.value ?? '') === taint.value)
  )
  const mark = isJoining(node) ? { [joiningLabel]: null } : {}
  if (labels.length === 0 && taints.length === 0 && !isJoining(node)) return undefined
  const others = node.taints.filter((has) => !taints.some((taint) => isSameTaint(taint, has)))
  return {
    labels: { ...Object.fromEntries(labels), ...mark },
    ...(taints.length > 0 && { taints: [...others, ...taints] })
  }
}
