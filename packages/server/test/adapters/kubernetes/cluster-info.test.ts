import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'

const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

/** What a cluster answers that gives this for cluster-info; `asked` is what it was asked, and by whom. */
const clusterWith = async (t: Test, status: number, answer: object) => {
  const asked: { url: string | undefined; authorization: string | undefined }[] = []
  const api = await apiServer(t, ({ url, headers }, response) => {
    asked.push({ url, authorization: headers.authorization })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return { asked, cluster: kubernetesCluster(file) }
}

const answers: [what: string, status: number, answer: object, published: boolean][] = [
  ['a cluster-info that anybody may read', 200, { kind: 'ConfigMap', data: { kubeconfig: '{}' } }, true],
  ['a cluster-info without a kubeconfig', 200, { kind: 'ConfigMap' }, false],
  ['no cluster-info', 404, { kind: 'Status', message: 'not found' }, false],
  ['a cluster-info that needs a credential', 403, { kind: 'Status', message: 'forbidden' }, false],
  ['an API server without anonymous users', 401, { kind: 'Status', message: 'Unauthorized' }, false]
]

for (const [what, status, answer, published] of answers) {
  t.test(`kubeadm ${published ? 'finds' : 'does not find'} the cluster by ${what}`, async (t) => {
    const { asked, cluster } = await clusterWith(t, status, answer)
    t.equal(await cluster.publishesClusterInfo(), published)
    t.same(asked, [{ url: clusterInfo, authorization: undefined }], 'asked without a credential')
  })
}

t.test('an API server that cannot serve says neither', async (t) => {
  const { cluster } = await clusterWith(t, 503, { kind: 'Status', message: 'etcd is away' })
  await t.rejects(cluster.publishesClusterInfo(), { code: 'cluster-unavailable', message: /etcd is away/ })
})
