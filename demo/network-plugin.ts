import type { KubeletSide } from '@joinery/fake-machine'
import type { UnguardedCluster } from '@joinery/server/testing/cluster'
import { kubeletSide, makeReady } from '@joinery/testing/cluster/kubelet-side'
import type { ClusterWorld } from '@joinery/testing/cluster/world/cluster-world'

export interface NetworkPlugin {
  /** The cluster as its kubelets see it: each runs the Pod of the network plugin from the registration of its Node on. */
  kubelets: KubeletSide
  /** Cuts the machine of this Node off from the registry, or lets it through again. */
  cutOff(node: string, isCut: boolean): Promise<void>
}

const daemonSet = 'net'
const image = 'registry.example/net:1'

/** Plays the network plugin of the cluster: a DaemonSet, whose Pod makes a Node Ready if the machine can pull the image. */
export const playNetworkPlugin = async (cluster: UnguardedCluster & ClusterWorld): Promise<NetworkPlugin> => {
  const kubelets = await kubeletSide(cluster, false)
  const cut = new Set<string>()
  /** Nodes on which the Pod does not run yet. */
  const starting = new Set<string>()
  const pull = async (node: string): Promise<void> => {
    const isCut = cut.has(node)
    await cluster.runDaemonPod(daemonSet, node, isCut ? withoutImage : running)
    if (isCut) return
    starting.delete(node)
    await makeReady(cluster, node)
  }
  await cluster.makeDaemonSet(daemonSet, {
    images: [image],
    hostPaths: ['/etc/cni/net.d'],
    tolerations: [{ key: '', operator: 'Exists', value: '', effect: '' }]
  })
  return {
    kubelets: {
      ...kubelets,
      registerNode: async (registration) => {
        await kubelets.registerNode(registration)
        starting.add(registration.name)
        await pull(registration.name)
      }
    },
    cutOff: async (node, isCut) => {
      if (isCut) cut.add(node)
      else if (cut.delete(node) && starting.has(node)) await pull(node)
    }
  }
}

const container = { name: 'net', image, restarts: 0 }

const running = { phase: 'Running', ready: true, containers: [{ ...container, ready: true }] } as const

/** The status that a kubelet writes while a firewall drops its packets to the registry. */
const withoutImage = {
  phase: 'Pending',
  ready: false,
  containers: [
    {
      ...container,
      ready: false,
      waiting: {
        reason: 'ImagePullBackOff',
        message: `Back-off pulling image "${image}": ErrImagePull: failed to pull and unpack image "${image}": failed to do request: dial tcp 192.0.2.10:443: i/o timeout (rehearsal)`
      }
    }
  ]
} as const
