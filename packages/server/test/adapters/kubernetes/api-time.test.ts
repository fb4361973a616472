import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'

t.test('each answer of the API server has its time, also a refusal', async (t) => {
  let [date, status] = ['Thu, 01 Jan 2026 00:00:00 GMT', 200]
  const api = await apiServer(t, (_, response) => {
    response.writeHead(status, { date, 'content-type': 'application/json' })
    response.end(JSON.stringify({ gitVersion: 'v1.37.2', items: [] }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  const cluster = kubernetesCluster(file)
  t.equal(cluster.now(), undefined)
  await cluster.version()
  const near = (expected: string) => {
    const off = (cluster.now()?.getTime() ?? 0) - Date.parse(expected)
    t.ok(off >= 0 && off < 30_000, `${expected} and ${off} ms`)
  }
  near('2026-01-01T00:00:00Z')
  ;[date, status] = ['Thu, 01 Jan 2026 02:00:00 GMT', 503]
  await t.rejects(cluster.nodes(), { code: 'cluster-unavailable' })
  near('2026-01-01T02:00:00Z')
  t.same(cluster.answers(), { all: 2, slow: 0, refused: 0 }, 'it counts how it is answered')
  status = 429
  await t.rejects(cluster.nodes(), { code: 'cluster-unavailable' })
  t.same(cluster.answers(), { all: 3, slow: 0, refused: 1 })
  api.close()
  await t.rejects(cluster.nodes(), { code: 'cluster-unavailable' })
  near('2026-01-01T02:00:00Z')
})
