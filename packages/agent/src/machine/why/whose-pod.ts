import { type CauseCode, isPluginName } from '@joinery/protocol'

/** Namespaces in which network plugins run their DaemonSets. */
const namespaces =
  /^(kube-system|antrea|calico|calico-system|canal|cilium|flannel|kube-flannel|kube-ovn|kube-router|multus|openshift-multus|openshift-ovn-kubernetes|ovn-kubernetes|weave)$/

/** Parts of the names of images of network plugins, each a whole part between slashes. */
const plugins =
  /^((mirrored-|hardened-)?(amazon-k8s-cni(-init)?|antrea(-agent-ubuntu)?|azure-cni|calico(-cni|-node)?|cilium|flannel(-io|-cni-plugin)?|kindnetd|kube-ovn|kube-router|multus-cni)|kubeovn|weave-(kube|npc)|weaveworks)$/

/** The names and the image of a Pod that fails, as far as they are known. `namespace` is absent if it is not known. */
export interface FailingPod {
  namespace?: string
  pod?: string
  image?: string
}

/** The owners of a Pod that concern the readiness of a Node. */
type Owner = 'plugin' | 'kube-proxy' | 'system'

/**
 * The owner of a Pod, judged by its names: a machine does not see which Pods belong to a DaemonSet. Undefined for a Pod that is no
 * part of the system. A workload that fails is not why a Node is not Ready, and its lines never leave the machine. So a name counts only
 * as a whole, and only in a namespace where the Pods of the system are.
 */
export const ownerOf = ({ namespace, pod, image = '' }: FailingPod): Owner | undefined => {
  if (namespace !== undefined && !namespaces.test(namespace)) return undefined
  const [, daemonSet] = /^(.+)-[a-z0-9]{5}$/.exec(pod ?? '') ?? []
  const parts = image.replace(/[:@][^/]*$/, '').split('/')
  // a Pod of a Deployment has the hash of its template before its own letters
  const mayBePlugin = pod === undefined || (daemonSet !== undefined && !/-[bcdf0-9ghj-np-tv-xz]{8,10}$/.test(daemonSet))
  if (isPluginName(daemonSet ?? '') || (mayBePlugin && parts.some((part) => plugins.test(part)))) return 'plugin'
  const inSystem = namespace === 'kube-system' || namespace === undefined
  if (inSystem && (daemonSet === 'kube-proxy' || (pod === undefined && parts.at(-1) === 'kube-proxy')))
    return 'kube-proxy'
  return namespace === 'kube-system' || (namespace === undefined && parts[0] === 'registry.k8s.io')
    ? 'system'
    : undefined
}

/** The cause that a Pod of this owner is, for a container that fails or for an image that cannot be pulled. */
export const codeOf = (owner: Owner, what: 'pod-failing' | 'pod-image'): CauseCode => {
  if (owner === 'plugin') return what === 'pod-image' ? 'plugin-image' : 'plugin-failing'
  return owner === 'kube-proxy' && what === 'pod-failing' ? 'kube-proxy-failing' : what
}
