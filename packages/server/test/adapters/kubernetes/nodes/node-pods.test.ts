import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import { budgets } from '../../../../src/core/base/budgets.ts'

const created = '2026-01-01T00:00:00Z'
const pod = (name: string, metadata: object = {}, status: object = {}) => ({
  metadata: { namespace: 'kube-system', name, creationTimestamp: created, ...metadata },
  status
})
const owner = (kind: string, apiVersion: string, controller = true) => ({
  ownerReferences: [{ apiVersion, kind, name: 'cilium', uid: 'u', controller }]
})
const readyStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }

/** An API server that answers each page by this. */
const over = async (t: Test, page: (number: number) => { items: object[]; continue?: string }) => {
  const asked: (string | undefined)[] = []
  const api = await apiServer(t, ({ url }, response) => {
    const { items, continue: next } = page(asked.length)
    asked.push(url)
    const body = { kind: 'PodList', metadata: { continue: next }, items }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return { asked, pods: () => kubernetesCluster(file).nodePods('worker-1') }
}

t.test('a Pod shows its DaemonSet, its phase, and whether it is ready', async (t) => {
  const { pods, asked } = await over(t, () => ({
    items: [
      pod('daemon', owner('DaemonSet', 'apps/v1'), readyStatus),
      pod('other-group', owner('DaemonSet', 'example.org/v1'), readyStatus),
      pod('only-owned', owner('DaemonSet', 'apps/v1', false), readyStatus),
      pod('of-a-job', { ...owner('Job', 'batch/v1'), labels: { app: 'check' } }, { phase: 'Succeeded' }),
      pod('ending', { ...owner('DaemonSet', 'apps/v1'), deletionTimestamp: created }, readyStatus),
      pod('starting', owner('DaemonSet', 'apps/v1'), { conditions: [{ type: 'Ready', status: 'False' }] }),
      pod('static', { annotations: { 'kubernetes.io/config.mirror': 'x' }, labels: { app: 'check' } }, readyStatus)
    ]
  }))
  const shown = await pods()
  t.same(
    shown.map(({ name, daemonSet, phase, ready }) => [name, daemonSet, phase, ready]),
    [
      ['daemon', 'cilium', 'Running', true],
      ['other-group', undefined, 'Running', true],
      ['only-owned', undefined, 'Running', true],
      ['of-a-job', undefined, 'Succeeded', false],
      ['ending', 'cilium', 'Running', false],
      ['starting', 'cilium', '', false]
    ],
    'and what a kubelet makes of a static Pod is not there'
  )
  t.match(shown[3], { namespace: 'kube-system', labels: { app: 'check' }, created: new Date(created) })
  t.same(asked, ['/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-1&limit=50'])
})

t.test('Pods are read page by page, and no more of them than the budget allows', async (t) => {
  const two = await over(t, (number) =>
    number === 0 ? { items: [pod('a')], continue: 'next' } : { items: [pod('b')] }
  )
  t.same(
    (await two.pods()).map(({ name }) => name),
    ['a', 'b']
  )
  t.match(two.asked[1], /continue=next/)
  const hostile = await over(t, (number) => ({ items: [pod(`p${number}`)], continue: 'next' }))
  t.equal((await hostile.pods()).length, budgets.gates.pods / 50)
})
