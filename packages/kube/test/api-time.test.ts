import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clockAhead, inClockWords } from '@joinery/server/cluster/cluster-clock.ts'
import { kubernetesCluster } from '@joinery/server/cluster/kubernetes/kubernetes-cluster.ts'
import { apiServer } from '@joinery/testing/cluster/api-server.ts'
import t from 'tap'
import { ApiTime } from '../src/api-time.ts'

t.test('the time of the last answer goes on by the monotonic clock; what is no date is not heard', async (t) => {
  let monotonic = 1000
  const time = new ApiTime(() => monotonic)
  for (const none of [undefined, '', 'yesterday', ['Thu, 01 Jan 2026 00:00:00 GMT'], 5]) {
    time.note(none)
    t.equal(time.now(), undefined, String(none))
  }
  time.note('Thu, 01 Jan 2026 00:00:00 GMT')
  t.same(time.now(), new Date('2026-01-01T00:00:00.500Z'), 'in the middle of its second')
  monotonic += 60_000
  t.same(time.now(), new Date('2026-01-01T00:01:00.500Z'))
  time.note('no date')
  t.same(time.now(), new Date('2026-01-01T00:01:00.500Z'))
  time.note('Wed, 31 Dec 2025 23:00:00 GMT')
  t.same(time.now(), new Date('2025-12-31T23:00:00.500Z'), 'also an earlier one')
})

t.test('each answer of the API server says its time, a refusal too', async (t) => {
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
  api.close()
  await t.rejects(cluster.nodes(), { code: 'cluster-unavailable' })
  near('2026-01-01T02:00:00Z')
})

const now = new Date('2026-01-01T00:00:00Z')
const table: [cluster: number | undefined, ahead: number | undefined, words?: RegExp][] = [
  [undefined, undefined],
  [0, undefined],
  [29_999, undefined],
  [-29_999, undefined],
  [30_000, -30, /is 30 s behind the API server's$/],
  [-30_000, 30, /is 30 s ahead of the API server's$/],
  [3_600_000, -3600, /is 3600 s behind/]
]
for (const [later, expected, words] of table) {
  t.test(`where the API server's clock is ${later} ms ahead, the host's is said to be ${expected}`, async (t) => {
    const ahead = clockAhead(now, later === undefined ? undefined : new Date(now.getTime() + later))
    t.equal(ahead, expected)
    if (words !== undefined) t.match(inClockWords(ahead ?? 0), words)
  })
}
