import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { given } from '@joinery/protocol/given'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { apiServerUrl } from '../../../src/adapters/kubernetes/endpoint.ts'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import { withFixedFacts } from '../../../src/core/trust/fixed-facts.ts'

const table: [endpoint: string, url: string][] = [
  ['10.0.0.1:6443', 'https://10.0.0.1:6443'],
  ['10.0.0.1', 'https://10.0.0.1:6443'],
  ['api.example.org:443', 'https://api.example.org:443'],
  ['api.example.org', 'https://api.example.org:6443'],
  ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
  ['[2001:db8::1]', 'https://[2001:db8::1]:6443'],
  ['2001:db8::1', 'https://[2001:db8::1]:6443']
]

for (const [endpoint, url] of table) {
  t.test(`a controlPlaneEndpoint ${endpoint} is reached at ${url}`, async (t) => t.equal(apiServerUrl(endpoint), url))
}

const kubeadmConfig = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config'
const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'
const byKubeadm = (controlPlaneEndpoint?: string) => ({
  ClusterConfiguration: stringify({ kind: 'ClusterConfiguration', controlPlaneEndpoint })
})
const byClusterInfo = { kubeconfig: stringify({ clusters: [{ cluster: { server: 'https://10.0.0.9:6443' } }] }) }

/** A cluster with these ConfigMaps and no others; `asked` is what was read of it. */
const clusterWith = async (t: Test, configMaps: Record<string, object>, apiEndpoint?: string) => {
  const asked: string[] = []
  const api = await apiServer(t, ({ url = '' }, response) => {
    asked.push(url)
    const data = configMaps[url]
    const answer = data === undefined ? { kind: 'Status', message: 'not found' } : { kind: 'ConfigMap', data }
    response.writeHead(data === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return { asked, file, cluster: kubernetesCluster(file, given({ apiEndpoint })) }
}

const sources: [name: string, configMaps: Record<string, object>, server: string][] = [
  [
    'the endpoint of kubeadm-config comes first',
    { [kubeadmConfig]: byKubeadm('api.example.org'), [clusterInfo]: byClusterInfo },
    'https://api.example.org:6443'
  ],
  [
    'a cluster without a controlPlaneEndpoint is reached as cluster-info says',
    { [kubeadmConfig]: byKubeadm(), [clusterInfo]: byClusterInfo },
    'https://10.0.0.9:6443'
  ],
  [
    'a cluster with an empty controlPlaneEndpoint is reached as cluster-info says',
    { [kubeadmConfig]: byKubeadm(''), [clusterInfo]: byClusterInfo },
    'https://10.0.0.9:6443'
  ],
  [
    'a cluster that kubeadm did not make is reached as cluster-info says',
    { [clusterInfo]: byClusterInfo },
    'https://10.0.0.9:6443'
  ]
]

for (const [name, configMaps, server] of sources) {
  t.test(name, async (t) => {
    const { cluster } = await clusterWith(t, configMaps)
    const { certificateAuthority, ...endpoint } = await cluster.endpoint()
    t.same(endpoint, { server })
    t.ok(new X509Certificate(certificateAuthority).ca, 'with the CA that the server itself trusts')
  })
}

t.test('an endpoint in the configuration needs no answer of the cluster', async (t) => {
  const { asked, cluster } = await clusterWith(t, { [kubeadmConfig]: byKubeadm('10.0.0.1') }, 'api.example.org:443')
  t.match(await cluster.endpoint(), { server: 'https://api.example.org:443' })
  t.same(asked, [])
})

for (const [name, configMaps] of [
  ['nothing', {}],
  ['no endpoint', { [kubeadmConfig]: byKubeadm(), [clusterInfo]: {} }],
  ['a kubeconfig without clusters', { [clusterInfo]: { kubeconfig: 'kind: Config' } }]
] as const) {
  t.test(`the error for a cluster that says ${name} tells how to set an endpoint`, async (t) => {
    const { cluster } = await clusterWith(t, configMaps)
    await t.rejects(cluster.endpoint(), {
      code: 'cluster-unavailable',
      text: { detail: 'neither kubeadm-config nor cluster-info names an endpoint', remedy: /set apiEndpoint/ }
    })
  })
}

t.test(
  'a token of the account gets no endpoint to machines: what setup fixed counts, whatever the cluster says',
  async (t) => {
    const evil = {
      [kubeadmConfig]: byKubeadm('evil.example:6443'),
      [clusterInfo]: { kubeconfig: stringify({ clusters: [{ cluster: { server: 'https://evil.example:6443' } }] }) }
    }
    const { cluster, file } = await clusterWith(t, evil)
    t.equal((await cluster.endpoint()).server, 'https://evil.example:6443', 'before setup has fixed one')
    const facts = { cluster: 'uid', apiEndpoint: '10.0.0.1:6443' }
    await writeFile(file, withFixedFacts(await readFile(file, 'utf8'), facts))
    t.equal((await cluster.endpoint()).server, 'https://10.0.0.1:6443')
    t.equal(await cluster.publishedEndpoint(), 'https://evil.example:6443', 'and the difference can be seen')
  }
)
