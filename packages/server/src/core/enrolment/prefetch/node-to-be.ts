import type { Labels, Taints } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** The Node that a machine will be, as far as DaemonSets choose Nodes by it. */
export interface NodeToBe {
  name: string
  labels: Labels
  /** Taints that stay. Those of a Node that is not Ready yet keep no DaemonSet away. */
  taints: Taints
}

const controlPlane = 'node-role.kubernetes.io/control-plane'

/** The Node that the machine will be: what the kubelet and kubeadm give each Node, and what the code gives this one. */
export const nodeToBe = ({
  name,
  role,
  facts: { arch },
  labels = {},
  taints = []
}: Pick<EnrolmentDocument, 'name' | 'role' | 'facts' | 'labels' | 'taints'>): NodeToBe => {
  const isControlPlane = role === 'control-plane'
  return {
    name,
    labels: {
      ...labels,
      'beta.kubernetes.io/arch': arch,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': arch,
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      // kubeadm's phase mark-control-plane
      ...(isControlPlane && { [controlPlane]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' })
    },
    taints: [...taints, ...(isControlPlane ? [{ key: controlPlane, value: '', effect: 'NoSchedule' as const }] : [])]
  }
}
