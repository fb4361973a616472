import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../../src/adapters/kubernetes/kubernetes-cluster.ts'

const configMaps = '/api/v1/namespaces/kube-system/configmaps'

/** An API server that has these ConfigMaps, or answers with the status instead. */
const clusterWith = async (t: Test, answers: Record<string, object | number>) => {
  const api = await apiServer(t, ({ url = '' }, response) => {
    const answer = answers[url.slice(`${configMaps}/`.length)] ?? 404
    response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(typeof answer === 'number' ? { kind: 'Status', message: 'refused' } : answer))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return kubernetesCluster(file)
}

const kubelet = { kind: 'ConfigMap', data: { kubelet: 'failSwapOn: false\n' } }
const kubeProxy = { kind: 'ConfigMap', data: { 'config.conf': 'mode: nftables\n', 'kubeconfig.conf': 'any' } }

t.test('the configuration of nodes is read from the two ConfigMaps of kubeadm', async (t) => {
  const cluster = await clusterWith(t, { 'kubelet-config': kubelet, 'kube-proxy': kubeProxy })
  t.same(await cluster.nodeConfiguration(), { kubelet: { failSwapOn: false }, kubeProxyMode: 'nftables' })
})

t.test('a cluster without kube-proxy of kubeadm has no mode', async (t) => {
  const cluster = await clusterWith(t, { 'kubelet-config': kubelet })
  t.same(await cluster.nodeConfiguration(), { kubelet: { failSwapOn: false } })
})

t.test('a server without the right to read them goes on without the configuration of nodes', async (t) => {
  const cluster = await clusterWith(t, { 'kubelet-config': 403, 'kube-proxy': 403 })
  t.same(await cluster.nodeConfiguration(), {})
})

t.test('an API server that cannot serve now gives no configuration of nodes', async (t) => {
  const cluster = await clusterWith(t, { 'kubelet-config': kubelet, 'kube-proxy': 503 })
  await t.rejects(cluster.nodeConfiguration(), { code: 'cluster-unavailable' })
})
