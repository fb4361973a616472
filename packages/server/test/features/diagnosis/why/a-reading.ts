import type { Cause } from '@joinery/protocol'
import type {
  ContainerSight,
  DaemonPod,
  DaemonSetSight,
  NodeCondition,
  PlacementNeeds
} from '../../../../src/core/ports/cluster/node-sight.ts'
import type { Reading, Reported } from '../../../../src/features/diagnosis/why/reading.ts'

export const now = new Date('2026-01-01T01:00:00Z')

/** Time that was so many seconds before `now`. */
export const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000)

const noPlugin =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

export const condition = (type: string, status: string, message = '', reason = 'Because'): NodeCondition => ({
  type,
  status,
  reason,
  message,
  since: ago(300),
  written: ago(5)
})

export const notReady = condition('Ready', 'False', noPlugin, 'KubeletNotReady')
export const lost = condition('Ready', 'Unknown', 'Kubelet stopped posting node status.', 'NodeStatusUnknown')

/** A Node that registered ten minutes ago, is heard, and waits for its network plugin. What a test names is otherwise. */
export const aReading = ({
  node,
  ...more
}: Omit<Partial<Reading>, 'node'> & { node?: Partial<Reading['node']> } = {}): Reading => ({
  name: 'worker-1',
  node: {
    uid: 'n1',
    created: ago(600),
    conditions: [notReady],
    taints: [],
    podCidrs: ['10.244.1.0/24'],
    labels: { 'kubernetes.io/os': 'linux' },
    kubelet: 'v1.37.2',
    ...node
  },
  apiVersion: 'v1.37.2',
  pods: { renewed: ago(5), pods: [] },
  daemonSets: [plugin, kubeProxy],
  others: [{ name: 'cp-1', podCidrs: ['10.244.0.0/24'] }],
  servingCsrs: [],
  unseen: [],
  ...more
})

const everything = { key: '', operator: 'Exists', value: '', effect: '' }

export const aDaemonSet = (
  name: string,
  { needs, ...more }: Omit<Partial<DaemonSetSight>, 'needs'> & { needs?: Partial<PlacementNeeds> } = {}
): DaemonSetSight => ({
  namespace: 'kube-system',
  name,
  uid: `uid of ${name}`,
  hostPaths: [],
  images: [],
  needsSecret: false,
  needs: { nodeSelector: {}, tolerations: [everything], hostNetwork: true, ...needs },
  ...more
})

export const plugin = aDaemonSet('net', { hostPaths: ['/etc/cni/net.d'] })
export const kubeProxy = aDaemonSet('kube-proxy')

/** The Pod of a DaemonSet on this Node: it runs and is ready. What a test names is otherwise. */
export const aPod = (of: DaemonSetSight, more: Partial<DaemonPod> = {}): DaemonPod => ({
  namespace: of.namespace,
  name: `${of.name}-abcde`,
  owner: of.uid,
  created: ago(500),
  phase: 'Running',
  reason: '',
  message: '',
  isLeaving: false,
  isReady: true,
  containers: [],
  ...more
})

export const aContainer = (more: Partial<ContainerSight> = {}): ContainerSight => ({
  name: 'main',
  image: 'registry.example/net:1',
  ready: false,
  restarts: 0,
  ...more
})

/** What the machine said, 30 seconds ago unless a test says otherwise. */
export const said = (codes: readonly Cause['code'][], at = ago(30)): Reported => ({
  at: at.toISOString(),
  causes: codes.map((code) => ({
    code,
    from: 'machine',
    text: `${code} it is`,
    evidence: ['its evidence'],
    remedy: []
  }))
})
