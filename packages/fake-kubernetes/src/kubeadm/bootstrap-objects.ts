import { stringify } from 'yaml'
import type { KubeObject } from '../objects/kube-object.ts'
import type { ResourceName } from '../objects/refused.ts'
import { newObject } from './new-object.ts'
import { bootstrapRbac } from './rbac.ts'

export interface Bootstrap {
  /** PEM of the CA. */
  ca: string
  /** URL of the API server, as `https://172.30.0.1:6443`: an address and a port. */
  server: string
  /** As `v1.37.2`. */
  version: string
  /** False leaves out the DaemonSet of kube-proxy, of which each Node gets a Pod. */
  kubeProxy?: boolean
}

/**
 * The objects that the API server and `kubeadm init` make. The controllers add what each Namespace has: its ServiceAccount, and
 * the CA.
 */
export const bootstrapObjects = (bootstrap: Bootstrap): [ResourceName, KubeObject][] =>
  [
    ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map(namespace),
    ...bootstrapRbac(),
    ...configMaps(bootstrap),
    endpointSlice(bootstrap),
    ...controlPlane(bootstrap),
    ...(bootstrap.kubeProxy === false ? [] : [kubeProxy(bootstrap)])
  ].map((object) => [resourceOf(object), object])

/** All of these kinds have a regular plural. */
const resourceOf = ({ apiVersion, kind }: KubeObject): ResourceName => ({
  group: apiVersion.replace(/\/?v1$/, ''),
  plural: `${kind.toLowerCase()}s`
})

const namespace = (name: string): KubeObject => {
  const labels = { 'kubernetes.io/metadata.name': name }
  const rest = { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
  return newObject('v1', 'Namespace', { name, labels }, rest)
}

const configMaps = ({ ca, server, version }: Bootstrap): KubeObject[] => {
  const map = (name: string, data: object, space = 'kube-system'): KubeObject =>
    newObject('v1', 'ConfigMap', { name, namespace: space }, { data })
  const cluster = { 'certificate-authority-data': Buffer.from(ca).toString('base64'), server }
  const kubeconfig = { apiVersion: 'v1', clusters: [{ cluster, name: '' }], kind: 'Config' }
  return [
    map('kubeadm-config', { ClusterConfiguration: clusterConfiguration(new URL(server).host, version) }),
    map('kubelet-config', { kubelet: kubeletConfiguration }),
    map('kube-proxy', { 'config.conf': kubeProxyConfiguration }),
    map('extension-apiserver-authentication', { 'client-ca-file': ca }),
    map('cluster-info', { kubeconfig: stringify(kubeconfig, { lineWidth: 0 }) }, 'kube-public')
  ]
}

const clusterConfiguration = (endpoint: string, version: string) => `apiVersion: kubeadm.k8s.io/v1beta4
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
controlPlaneEndpoint: ${endpoint}
etcd: {local: {dataDir: /var/lib/etcd}}
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: ${version}
networking: {dnsDomain: cluster.local, podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12}
`
// the two as far as the server and the machines read them
const kubeletConfiguration = `apiVersion: kubelet.config.k8s.io/v1beta1
cgroupDriver: systemd
kind: KubeletConfiguration
memorySwap: {}
rotateCertificates: true
`
const kubeProxyConfiguration = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ""\n'

/** Addresses of the Service `kubernetes`, which the API servers write. */
const endpointSlice = ({ server }: Bootstrap): KubeObject => {
  const { hostname, port } = new URL(server)
  const labels = { 'kubernetes.io/service-name': 'kubernetes' }
  const endpoints = [{ addresses: [hostname], conditions: { ready: true } }]
  const ports = [{ name: 'https', port: Number(port), protocol: 'TCP' }]
  const meta = { name: 'kubernetes', namespace: 'default', labels }
  return newObject('discovery.k8s.io/v1', 'EndpointSlice', meta, { addressType: 'IPv4', endpoints, ports })
}

/** Static Pods of the first control plane: the doctor reads their flags, and `kubeadm join` where etcd listens. */
const controlPlane = ({ server, version }: Bootstrap): KubeObject[] => {
  const { hostname } = new URL(server)
  const etcdUrl = `https://${hostname}:2379`
  const pod = (component: string, tag: string, flags: readonly string[], annotations = {}): KubeObject => {
    const command = [component, ...flags.map((flag) => `--${flag}`)]
    const containers = [{ name: component, image: `registry.k8s.io/${component}:${tag}`, command }]
    const labels = { component, tier: 'control-plane' }
    const status = { phase: 'Running', podIP: hostname, conditions: [{ type: 'Ready', status: 'True' }] }
    const meta = { name: `${component}-cp-1`, namespace: 'kube-system', labels, annotations }
    // bound to no Node: a test that lists Nodes finds its own, and no controller collects these
    return newObject('v1', 'Pod', meta, { spec: { hostNetwork: true, containers }, status })
  }
  const pki = '/etc/kubernetes/pki'
  const signing = [`cluster-signing-cert-file=${pki}/ca.crt`, `cluster-signing-key-file=${pki}/ca.key`]
  return [
    pod('kube-apiserver', version, ['authorization-mode=Node,RBAC', 'enable-admission-plugins=NodeRestriction']),
    pod('kube-controller-manager', version, ['controllers=*,bootstrapsigner,tokencleaner', ...signing]),
    pod('etcd', '3.7.0-0', [`advertise-client-urls=${etcdUrl}`], {
      'kubeadm.kubernetes.io/etcd.advertise-client-urls': etcdUrl
    })
  ]
}

const kubeProxy = ({ version }: Bootstrap): KubeObject => {
  const [name, labels] = ['kube-proxy', { 'k8s-app': 'kube-proxy' }]
  const spec = {
    containers: [{ name, image: `registry.k8s.io/kube-proxy:${version}` }],
    hostNetwork: true,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }]
  }
  const rest = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } }
  return newObject('apps/v1', 'DaemonSet', { name, namespace: 'kube-system', labels, generation: 1 }, rest)
}
