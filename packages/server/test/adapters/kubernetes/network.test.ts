import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import type { ClusterNetwork } from '../../../src/core/ports/cluster/cluster-settings.ts'

const kubeadmConfig = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config'
const endpointSlice = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes'

const clusterWith = async (t: Test, objects: Record<string, object>) => {
  const api = await apiServer(t, ({ url = '' }, response) => {
    const found = objects[url]
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ?? { kind: 'Status', message: 'not found' }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return kubernetesCluster(file)
}

const config = (networking?: object, more: object = {}) => ({
  kind: 'ConfigMap',
  data: { ClusterConfiguration: stringify({ kind: 'ClusterConfiguration', networking, ...more }) }
})
const slice = (endpoints: object[], ports: object[] = [{ name: 'https', port: 6443 }]) => ({
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  endpoints,
  ports
})

const nothing: ClusterNetwork = { podSubnets: [], serviceSubnets: [], controlPlanes: [] }
/** Of a cluster that kubeadm made. */
const stacked: ClusterNetwork = { ...nothing, etcd: 'stacked' }
const cases: [what: string, objects: Record<string, object>, network: ClusterNetwork][] = [
  ['a cluster that says nothing', {}, nothing],
  ['a kubeadm-config without networks', { [kubeadmConfig]: config() }, stacked],
  ['an empty kubeadm-config', { [kubeadmConfig]: { kind: 'ConfigMap' } }, nothing],
  [
    'one subnet of each kind',
    { [kubeadmConfig]: config({ podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' }) },
    { ...stacked, podSubnets: ['10.244.0.0/16'], serviceSubnets: ['10.96.0.0/12'] }
  ],
  [
    'subnets of both families',
    {
      [kubeadmConfig]: config({ podSubnet: '10.244.0.0/16,fd00:10::/56', serviceSubnet: '10.96.0.0/12, fd00:20::/112' })
    },
    { ...stacked, podSubnets: ['10.244.0.0/16', 'fd00:10::/56'], serviceSubnets: ['10.96.0.0/12', 'fd00:20::/112'] }
  ],
  [
    'no pod subnet',
    { [kubeadmConfig]: config({ podSubnet: '', serviceSubnet: '10.96.0.0/12' }) },
    { ...stacked, serviceSubnets: ['10.96.0.0/12'] }
  ],
  [
    'one with an endpoint, and etcd on its control planes',
    { [kubeadmConfig]: config({}, { controlPlaneEndpoint: 'api.example.org', etcd: { local: { dataDir: '/x' } } }) },
    { ...stacked, controlPlaneEndpoint: 'api.example.org' }
  ],
  [
    'one with a registry of its own',
    { [kubeadmConfig]: config({}, { imageRepository: 'registry.example.org/k8s' }) },
    { ...stacked, imageRepository: 'registry.example.org/k8s' }
  ],
  ['one with an empty endpoint', { [kubeadmConfig]: config({}, { controlPlaneEndpoint: '' }) }, stacked],
  [
    'a cluster with external etcd',
    { [kubeadmConfig]: config({}, { etcd: { external: { endpoints: ['https://192.0.2.9:2379'] } } }) },
    { ...nothing, etcd: 'external' }
  ],
  [
    'three API servers',
    { [endpointSlice]: slice([{ addresses: ['10.0.0.3'] }, { addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }]) },
    { ...nothing, controlPlanes: ['10.0.0.1:6443', '10.0.0.2:6443', '10.0.0.3:6443'] }
  ],
  [
    'an API server by IPv6 on another port, and one that is not ready',
    {
      [endpointSlice]: slice(
        [
          { addresses: ['2001:db8::1'], conditions: { ready: true } },
          { addresses: ['2001:db8::2'], conditions: { ready: false } }
        ],
        [{ port: 8443 }]
      )
    },
    { ...nothing, controlPlanes: ['[2001:db8::1]:8443'] }
  ]
]

for (const [what, objects, expected] of cases) {
  t.test(`the network of ${what} is read`, async (t) => {
    t.same(await (await clusterWith(t, objects)).network(), expected)
  })
}
