import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { given } from '@joinery/protocol/given'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'

const kubeadmConfig = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config'
const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'
const endpointSlice = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes'

const hostsOf = async (t: Test, objects: Record<string, object>, apiEndpoint?: string): Promise<string[]> => {
  const api = await apiServer(t, ({ url = '' }, response) => {
    const found = objects[url]
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ?? { kind: 'Status', message: 'not found' }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return kubernetesCluster(file, given({ apiEndpoint })).apiHosts()
}

t.test('the hosts of the API server are those that are published, given to machines, and dialled', async (t) => {
  const controlPlaneEndpoint = 'API.example.org:443'
  const server = 'https://10.0.0.9:6443'
  const hosts = await hostsOf(
    t,
    {
      [kubeadmConfig]: { data: { ClusterConfiguration: stringify({ controlPlaneEndpoint }) } },
      [clusterInfo]: { data: { kubeconfig: stringify({ clusters: [{ cluster: { server } }] }) } },
      [endpointSlice]: {
        addressType: 'IPv6',
        endpoints: [{ addresses: ['10.0.0.1', '2001:DB8:0::1'] }],
        ports: [{ port: 6443 }]
      }
    },
    'join.example.org:6443'
  )
  t.same(hosts, ['10.0.0.1', '10.0.0.9', '127.0.0.1', '2001:db8::1', 'api.example.org', 'join.example.org'])
})

t.test('in a cluster that publishes nothing the only host is the one that is dialled', async (t) => {
  t.same(await hostsOf(t, {}), ['127.0.0.1'])
})
