import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { ClusterNode } from '../src/cluster/cluster.ts'
import { kubernetesCluster } from '../src/cluster/kubernetes/kubernetes-cluster.ts'
import { apiServer } from './support/api-server.ts'

const object = (lastHeartbeatTime: string) => ({
  metadata: { name: 'worker-1', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { rack: '7' } },
  spec: {},
  status: {
    nodeInfo: { machineID: 'm1', systemUUID: 's1' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'posting', lastHeartbeatTime }]
  }
})

t.test('a watch gives a Node that was made or changed as a list gives it, and of all else nothing', async (t) => {
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
  while (!paths.every((path) => path in streams)) await new Promise((resolve) => setImmediate(resolve))
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
