import type { Taint } from '@joinery/protocol'
import type { NodeSelectorTerm, PlacementNeeds, Requirement, Toleration } from '../../ports/cluster/node-sight.ts'

/** The parts of a Node by which the DaemonSet controller chooses it. */
export interface PlacementNode {
  name: string
  labels: Readonly<Record<string, string>>
  taints: readonly Taint[]
}

/**
 * Place of a DaemonSet's Pod:
 * - runs: the Pod should run on the Node
 * - elsewhere: the DaemonSet is for other Nodes
 * - keptOut: the DaemonSet is for this Node, and does not tolerate this taint
 */
export type Placement = 'runs' | 'elsewhere' | { keptOut: Taint }

/**
 * Judges whether the Pod of a DaemonSet should run on the Node, as the DaemonSet controller does (`NodeShouldRunDaemonPod` of
 * pkg/controller/daemon/daemon_controller.go, v1.37).
 */
export const judgePlacement = (needs: PlacementNeeds, node: PlacementNode): Placement => {
  if (needs.nodeName !== undefined && needs.nodeName !== '' && needs.nodeName !== node.name) return 'elsewhere'
  if (!hasLabels(needs.nodeSelector, node) || !fitsTerms(needs.terms, node)) return 'elsewhere'
  const tolerations = [...needs.tolerations, ...automatic, ...(needs.hostNetwork ? [networkUnavailable] : [])]
  const keptOut = node.taints.find((taint) => keeps(taint) && !tolerations.some((one) => tolerates(one, taint)))
  return keptOut === undefined ? 'runs' : { keptOut }
}

/** True if the taint keeps Pods away. One that only makes a Node less wanted keeps nobody. */
const keeps = ({ effect }: Taint): boolean => effect !== 'PreferNoSchedule'

const exists = (key: string, effect: Taint['effect']): Toleration => ({ key, operator: 'Exists', value: '', effect })

/**
 * Tolerations that the controller gives each Pod of a DaemonSet (`AddOrUpdateDaemonPodTolerations` of
 * pkg/controller/daemon/util/daemonset_util.go). `node.kubernetes.io/not-ready:NoSchedule` is not among them.
 */
const automatic: readonly Toleration[] = [
  exists('node.kubernetes.io/not-ready', 'NoExecute'),
  exists('node.kubernetes.io/unreachable', 'NoExecute'),
  exists('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/unschedulable', 'NoSchedule')
]

/** The same for Pods on the host's network. */
const networkUnavailable = exists('node.kubernetes.io/network-unavailable', 'NoSchedule')

/** True if the toleration fits the taint (`ToleratesTaint` of k8s.io/api/core/v1/toleration.go). */
const tolerates = ({ key, operator, value, effect }: Toleration, taint: Taint): boolean => {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return (operator === '' || operator === 'Equal') && key !== '' && value === taint.value
}

const hasLabels = (selector: Readonly<Record<string, string>>, { labels }: PlacementNode): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value)

/** True if one of the terms fits. A term that asks for nothing fits no Node, and no term at all fits every Node. */
const fitsTerms = (terms: readonly NodeSelectorTerm[] | undefined, node: PlacementNode): boolean =>
  terms === undefined ||
  terms.some(
    ({ expressions, fields }) =>
      expressions.length + fields.length > 0 &&
      expressions.every((one) => meets(one, node.labels[one.key])) &&
      fields.every((one) => one.key === 'metadata.name' && meets(one, node.name))
  )

/** True if the value meets the requirement (`Requirement.Matches` of apimachinery's labels/selector.go). */
const meets = ({ operator, values }: Requirement, value: string | undefined): boolean => {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt':
      return isBeyond(operator, value, values[0])
    default:
      return false
  }
}

const isBeyond = (operator: 'Gt' | 'Lt', value: string | undefined, bound: string | undefined): boolean => {
  if (value === undefined || bound === undefined) return false
  const [one, other] = [value, bound].map((text) => (/^-?\d{1,18}$/.test(text) ? BigInt(text) : undefined))
  if (one === undefined || other === undefined) return false
  return operator === 'Gt' ? one > other : one < other
}
