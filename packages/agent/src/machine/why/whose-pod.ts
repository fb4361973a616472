import type { CauseCode } from '@joinery/protocol'

/** Names by which Pods, containers and images of network plugins are known. */
const plugins =
  /calico|canal|cilium|flannel|kindnet|kube-router|weave|antrea|multus|ovnkube|aws-node|amazon-k8s-cni|azure-cni|install-cni|cni-plugin|kube-ovn|romana|tigera/i

/** The names and the image of a Pod that fails, as far as they are known. `namespace` is absent if it is not known. */
export interface FailingPod {
  namespace?: string
  pod?: string
  container?: string
  image?: string
}

/** The owners of a Pod that concern the readiness of a Node. */
type Owner = 'plugin' | 'kube-proxy' | 'system'

/**
 * The owner of a Pod, judged by its names: a machine does not see which Pods belong to a DaemonSet. Undefined for a Pod that is no
 * part of the system: a workload that fails is not why a Node is not Ready.
 */
export const ownerOf = ({ namespace, pod = '', container = '', image = '' }: FailingPod): Owner | undefined => {
  const names = `${pod} ${container} ${image}`
  if (plugins.test(names) || plugins.test(namespace ?? '')) return 'plugin'
  if (/kube-proxy/.test(names)) return 'kube-proxy'
  const ofSystem = namespace === 'kube-system' || (namespace === undefined && image.startsWith('registry.k8s.io/'))
  return ofSystem ? 'system' : undefined
}

/** The cause that a Pod of this owner is, for a container that fails or for an image that cannot be pulled. */
export const codeOf = (owner: Owner, what: 'pod-failing' | 'pod-image'): CauseCode => {
  if (owner === 'plugin') return what === 'pod-image' ? 'plugin-image' : 'plugin-failing'
  return owner === 'kube-proxy' && what === 'pod-failing' ? 'kube-proxy-failing' : what
}
