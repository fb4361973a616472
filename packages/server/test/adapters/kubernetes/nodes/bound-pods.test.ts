import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t from 'tap'
import { kubernetesCluster } from '../../../../src/adapters/kubernetes/kubernetes-cluster.ts'

t.test('a list of metadata that is null means that no Pod is bound', async (t) => {
  const api = await apiServer(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: null }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  t.same(await kubernetesCluster(file).boundPods('worker-1'), [])
})

const reference = (kind: string, controller?: boolean) => ({ apiVersion: 'v1', kind, name: 'x', uid: 'u', controller })
const pod = (name: string, ownerReferences?: object[]) => ({
  metadata: { namespace: 'default', name, ownerReferences }
})

t.test('a bound Pod shows what manages it, and is read without its spec', async (t) => {
  const asked: (string | undefined)[] = []
  const items = [
    pod('bare'),
    pod('web', [reference('Backup'), reference('ReplicaSet', true)]),
    pod('owned', [reference('Backup')]),
    pod('kube-proxy', [reference('DaemonSet', true)])
  ]
  const api = await apiServer(t, ({ url, headers }, response) => {
    asked.push(url, headers.accept)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ kind: 'PodList', items }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  const bound = await kubernetesCluster(file).boundPods('worker-1')
  t.same(
    bound.map(({ name, controller }) => [name, controller]),
    [
      ['bare', ''],
      ['web', 'ReplicaSet'],
      ['owned', ''],
      ['kube-proxy', 'DaemonSet']
    ]
  )
  const metadataAlone = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  t.same(asked, ['/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-1&limit=250', metadataAlone])
})
