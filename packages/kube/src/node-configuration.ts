import { type ClusterFacts, type KubeletFacts, keyAlgorithms, kubeProxyModes } from '@joinery/protocol'
import { parse } from 'yaml'

/** The kubelet's configuration and kube-proxy's mode, as a machine that joins gets them. */
export type NodeConfiguration = Pick<ClusterFacts, 'kubelet' | 'kubeProxyMode'>

/** ConfigMaps in namespace kube-system in which kubeadm keeps the two configurations. */
export const configurationMaps = {
  kubelet: { name: 'kubelet-config', key: 'kubelet' },
  kubeProxy: { name: 'kube-proxy', key: 'config.conf' }
} as const

/**
 * Reads the YAML of a KubeletConfiguration and of a KubeProxyConfiguration. A text that is empty or broken says
 * nothing.
 */
export const nodeConfiguration = (kubelet: string, kubeProxy: string): NodeConfiguration => {
  const [kubeletFields, proxyFields] = [fieldsOf(kubelet), fieldsOf(kubeProxy)]
  const mode = proxyFields && kubeProxyModes.find((known) => known === (proxyFields.mode || defaultMode))
  return {
    ...(kubeletFields && { kubelet: kubeletFacts(kubeletFields) }),
    ...(mode && { kubeProxyMode: mode })
  }
}

/** Mode of kube-proxy on Linux if its configuration names none. */
const defaultMode = 'iptables'

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldsOf = (text: string): Fields | undefined => {
  try {
    const document: unknown = parse(text)
    return isFields(document) ? document : undefined
  } catch {
    return undefined
  }
}

/**
 * Facts from the fields. A field of the wrong type is left out: a kubelet would not start with it, and no machine is
 * judged by it.
 */
const kubeletFacts = (fields: Fields): KubeletFacts => {
  const within = (name: string): Fields => (isFields(fields[name]) ? fields[name] : {})
  return known({
    failSwapOn: flag(fields.failSwapOn),
    swapBehavior: oneOf(['NoSwap', 'LimitedSwap'], within('memorySwap').swapBehavior),
    cgroupDriver: oneOf(['systemd', 'cgroupfs'], fields.cgroupDriver),
    serverTLSBootstrap: flag(fields.serverTLSBootstrap),
    rotateCertificates: flag(fields.rotateCertificates),
    userNamespaces: flag(within('featureGates').UserNamespacesSupport),
    clientCertificateKeyAlgorithm: oneOf(keyAlgorithms, fields.clientCertificateKeyAlgorithm),
    serverCertificateKeyAlgorithm: oneOf(keyAlgorithms, fields.serverCertificateKeyAlgorithm),
    idsPerPod: count(within('userNamespaces').idsPerPod),
    // kubeadm writes 0 for the default
    maxPods: count(fields.maxPods)
  })
}

const known = <T extends object>(facts: T) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined)

const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined

const oneOf = <T extends string>(all: readonly T[], value: unknown): T | undefined => all.find((one) => one === value)
