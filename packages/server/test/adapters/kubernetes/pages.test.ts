import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'

const aNode = (number: number) => ({ metadata: { name: `n-${number}`, uid: `u-${number}` } })
const objects = Array.from({ length: 600 }, (_, index) => aNode(index))

/** An API server that gives pages of `objects`, unless `instead` answers. `asked`: limit and continue of each request. */
const paging = async (t: Test, instead: (nth: number, response: ServerResponse) => boolean = () => false) => {
  const asked: [string | null, string | null][] = []
  const api = await apiServer(t, ({ url = '' }: IncomingMessage, response) => {
    const { searchParams } = new URL(url, 'https://api')
    const [limit, token] = [searchParams.get('limit'), searchParams.get('continue')]
    asked.push([limit, token])
    if (instead(asked.length, response)) return
    const [from, size] = [Number(token ?? 0), Number(limit)]
    const metadata = from + size < objects.length ? { continue: String(from + size) } : {}
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ kind: 'NodeList', metadata, items: objects.slice(from, from + size) }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return { cluster: kubernetesCluster(file), asked }
}
const answer = (response: ServerResponse, code: number, message: string): true => {
  response.writeHead(code, { 'content-type': 'application/json' })
  // the token of the rest as it is by now is no part of the list that was begun
  response.end(JSON.stringify({ kind: 'Status', code, message, metadata: { continue: '250' } }))
  return true
}

t.test('a list is read in pages of 250, each once and in order', async (t) => {
  const { cluster, asked } = await paging(t)
  t.same(
    (await cluster.nodes()).map(({ name }) => name),
    objects.map(({ metadata }) => metadata.name)
  )
  t.same(asked, [
    ['250', null],
    ['250', '250'],
    ['250', '500']
  ])
})

t.test('a list whose rest the API server has forgotten begins again', async (t) => {
  const { cluster, asked } = await paging(t, (nth, response) => nth === 3 && answer(response, 410, 'too old'))
  t.equal((await cluster.nodes()).length, objects.length)
  t.same(
    asked.map(([, token]) => token),
    [null, '250', '500', null, '250', '500']
  )
})

t.test('a list that is forgotten each time is given up, with the reason', async (t) => {
  const { cluster, asked } = await paging(t, (nth, response) => nth % 2 === 0 && answer(response, 410, 'too old'))
  await t.rejects(cluster.nodes(), { code: 'cluster-unavailable', message: /forgot a list/ })
  t.equal(asked.length, 6)
})

t.test('a page that is refused for another reason fails the whole list', async (t) => {
  for (const code of [403, 429, 500]) {
    const { cluster } = await paging(t, (nth, response) => nth === 2 && answer(response, code, 'no'))
    await t.rejects(cluster.nodes(), { code: 'cluster-unavailable', message: new RegExp(`\\(${code}\\)`) }, `${code}`)
  }
})

t.test('410 to the first page is a refusal, because no list was begun', async (t) => {
  const { cluster, asked } = await paging(t, (_, response) => answer(response, 410, 'gone'))
  await t.rejects(cluster.nodes(), { code: 'cluster-unavailable', message: /410/ })
  t.equal(asked.length, 1)
})
