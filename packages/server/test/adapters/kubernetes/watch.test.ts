import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { connect } from '@joinery/kube'
import { eventually } from '@joinery/testing/clocks/eventually'
import { quickPause } from '@joinery/testing/clocks/quick-pause'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import { watch } from '../../../src/adapters/kubernetes/watch.ts'
import type { ClusterNode } from '../../../src/core/ports/cluster/nodes.ts'

const object = (lastHeartbeatTime: string) => ({
  metadata: { name: 'worker-1', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { rack: '7' } },
  spec: {},
  status: {
    nodeInfo: { machineID: 'm1', systemUUID: 's1' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'posting', lastHeartbeatTime }]
  }
})

t.test('a watch gives each Node that was made or changed as a list does, and nothing of other objects', async (t) => {
  const streams: Record<string, ServerResponse> = {}
  const api = await apiServer(t, ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'https://api')
    response.writeHead(200, { 'content-type': 'application/json' })
    if (searchParams.get('watch') === 'true') {
      response.flushHeaders()
      streams[pathname] = response
    } else {
      const items = pathname === '/api/v1/nodes' ? [object('2026-01-01T00:05:00Z')] : []
      response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items }))
    }
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  const cluster = kubernetesCluster(file)
  const told: (ClusterNode | undefined)[] = []
  let tells = () => {}
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  cluster.watch((node) => {
    told.push(node)
    tells()
  }, stop.signal)
  const paths = ['/api/v1/nodes', '/apis/certificates.k8s.io/v1/certificatesigningrequests']
  await eventually('both are watched', () => paths.every((path) => path in streams))
  const [nodes = '', csrs = ''] = paths
  /** What the watch tells of an event. */
  const event = async (path: string, type: string, object: object) => {
    told.length = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    tells = resolve
    streams[path]?.write(`${JSON.stringify({ type, object })}\n`)
    await promise
    return told
  }
  const listed = await cluster.nodes()
  t.same(await event(nodes, 'MODIFIED', object('2026-01-01T00:10:00Z')), listed, 'a heartbeat is no difference')
  t.same(await event(nodes, 'ADDED', object('2026-01-01T00:15:00Z')), listed)
  t.same(await event(nodes, 'DELETED', object('2026-01-01T00:15:00Z')), [undefined])
  t.same(await event(nodes, 'ERROR', { kind: 'Status', code: 410 }), [undefined])
  t.same(await event(csrs, 'MODIFIED', { metadata: { name: 'csr-1' } }), [undefined])
})

const nodesPath = '/api/v1/nodes'
const list = JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items: [] })

/** An API server that answers the nth watch of Nodes by `answer`, and refuses each of requests, which is thus begun each second. */
const watching = async (
  t: Test,
  answer: (nth: number, response: ServerResponse) => void,
  lists: (response: ServerResponse) => void = (response) => response.end(list)
) => {
  const seen = { watches: 0, lists: 0, seconds: 0, order: [] as string[] }
  const api = await apiServer(t, ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'https://api')
    const isWatch = searchParams.get('watch') === 'true'
    response.setHeader('content-type', 'application/json')
    if (pathname === nodesPath) {
      seen[isWatch ? 'watches' : 'lists'] += 1
      seen.order.push(isWatch ? 'watch' : 'list')
      if (isWatch) answer(seen.watches, response)
      else lists(response)
    } else if (isWatch) {
      seen.seconds += 1
      response.writeHead(410).end('{}')
    } else response.end(list)
  })
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const begin = (silence: number) =>
    watch({ connection: () => connect(api.kubeconfig('secret')), pause: quickPause }, () => {}, stop.signal, silence)
  return { begin, seen }
}

t.test('a silent watch begins again at the present version of the list', async (t) => {
  const { begin, seen } = await watching(t, (_, response) => response.flushHeaders())
  begin(300)
  await eventually('it begins again', () => seen.watches >= 2)
  t.same(seen.order.slice(0, 4), ['list', 'watch', 'list', 'watch'])
})

t.test('a watch that reports an error begins again, also if nobody ends it', async (t) => {
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }
  const { begin, seen } = await watching(t, (nth, response) => {
    response.flushHeaders()
    if (nth === 1) response.write(`${JSON.stringify(gone)}\n`)
  })
  begin(600_000)
  await eventually('it begins again', () => seen.watches === 2)
  t.equal(seen.lists, 2, 'from a place of its own')
})

t.test('a watch that is refused with 410 begins again, and no other with it', async (t) => {
  const { begin, seen } = await watching(t, (_, response) => response.flushHeaders())
  begin(600_000)
  await eventually('the other one begins again', () => seen.seconds >= 2 && seen.watches > 0)
  t.equal(seen.watches, 1)
})

t.test('an API server that cannot serve is not asked for its lists each second', async (t) => {
  const busy = (response: ServerResponse) => response.writeHead(429, { 'retry-after': '60' }).end('{}')
  const { begin, seen } = await watching(t, () => {}, busy)
  begin(600_000)
  await eventually('the other one has begun again twice', () => seen.seconds >= 3)
  t.match(seen, { lists: 1, watches: 0 })
})
