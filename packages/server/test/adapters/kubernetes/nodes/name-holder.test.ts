import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectionTo } from '@joinery/kube'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { nameHolders } from '../../../../src/adapters/kubernetes/nodes/name-holder.ts'

/** How the list of Pods was asked for: `etcd` for all that etcd has, else the version that the cache must have. */
const kindOfLook = (search: URLSearchParams): string =>
  search.has('resourceVersion') ? `${search.get('resourceVersionMatch')} ${search.get('resourceVersion')}` : 'etcd'

/**
 * An API server with Pods at ascending versions, and at most one Node. `looks`: how the Pods were asked for so far. `node`: what it
 * answers for the Node, once it has answered for the Pods.
 */
const clusterWithPods = async (t: Test) => {
  const looks: string[] = []
  const refused: number[] = []
  const node = { status: 404, body: { kind: 'Status', message: 'not found' } as object }
  let podsAnswered = Promise.withResolvers<void>()
  let [time, version, pod]: [number, number, string | undefined] = [0, 100, undefined]
  const api = await apiServer(t, ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'https://api')
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (pathname === '/api/v1/nodes/worker-1') return podsAnswered.promise.then(() => answer(node.status, node.body))
    response.once('finish', podsAnswered.resolve)
    looks.push(kindOfLook(searchParams))
    const status = searchParams.has('resourceVersion') ? refused.shift() : undefined
    if (status !== undefined) return answer(status, { kind: 'Status', message: 'Too large resource version' })
    version += 1
    const items = pod === undefined ? null : [{ metadata: { namespace: 'default', name: pod } }]
    answer(200, { kind: 'PodList', metadata: { resourceVersion: `${version}` }, items })
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  const { call } = connectionTo(file)
  const nameHolder = nameHolders(() => time)
  return {
    looks,
    refused,
    node,
    holder: () => {
      podsAnswered = Promise.withResolvers()
      return call((api) => nameHolder(api, 'worker-1'))
    },
    bind: (name: string) => {
      pod = name
    },
    pass: (milliseconds: number) => {
      time += milliseconds
    }
  }
}

t.test('a look after another one goes by the cache, for ten seconds from the one that had all of etcd', async (t) => {
  const { holder, looks, pass } = await clusterWithPods(t)
  for (const milliseconds of [0, 9_999, 1]) {
    pass(milliseconds)
    t.equal(await holder(), undefined)
  }
  t.same(looks, ['etcd', 'NotOlderThan 101', 'etcd'], 'what the cache answered makes the time no longer')
  await holder()
  t.equal(looks.at(-1), 'NotOlderThan 103')
})

t.test('a Pod that is bound between two looks holds the name', async (t) => {
  const { holder, bind, looks } = await clusterWithPods(t)
  t.equal(await holder(), undefined)
  bind('theirs')
  t.equal(await holder(), 'Pod default/theirs is bound to worker-1')
  t.match(looks, ['etcd', /NotOlderThan/])
})

t.test('an API server that is behind the earlier look, as after a restore of etcd, is asked for all', async (t) => {
  const { holder, refused, looks } = await clusterWithPods(t)
  await holder()
  refused.push(504)
  t.equal(await holder(), undefined)
  t.same(looks, ['etcd', 'NotOlderThan 101', 'etcd'])
  await holder()
  t.equal(looks.at(-1), 'NotOlderThan 102', 'the later look counts from now on')
})

t.test('any other refusal leaves open who has the name', async (t) => {
  const { holder, refused, looks } = await clusterWithPods(t)
  await holder()
  refused.push(403)
  await t.rejects(holder(), { code: 'cluster-unavailable' })
  t.same(looks, ['etcd', 'NotOlderThan 101'])
})

t.test('a Node that has the name is said, also if the Pods are refused first', async (t) => {
  const { holder, refused, node } = await clusterWithPods(t)
  await holder()
  refused.push(403)
  Object.assign(node, { status: 200, body: { metadata: { name: 'worker-1' } } })
  t.match(await holder(), /^Node worker-1 /)
})

t.test('if the Node and the Pods are refused, the refusal of the Node is said', async (t) => {
  const { holder, refused, node } = await clusterWithPods(t)
  await holder()
  refused.push(403)
  Object.assign(node, { status: 403, body: { kind: 'Status', message: 'nodes is forbidden' } })
  await t.rejects(holder(), { code: 'cluster-unavailable', message: /nodes is forbidden/ })
})
