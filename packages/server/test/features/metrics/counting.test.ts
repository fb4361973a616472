import { ProblemError } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { Commits } from '../../../src/core/commit/commits.ts'
import type { UnguardedCluster } from '../../../src/core/ports/cluster/unguarded-cluster.ts'
import type { Views } from '../../../src/core/ports/objects/views.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { Counting } from '../../../src/features/metrics/counting.ts'

const open = (t: Test) => {
  const truth = sqliteStore(':memory:')
  t.teardown(() => truth.close())
  let now = 0
  const counting = new Counting({ clock: { now: () => new Date(0) }, monotonic: () => now, store: () => truth })
  /** The commits of a store, as this server counts them. */
  const counted = ({ commit }: Pick<WritableStore, 'commit'> = truth) =>
    new Commits({
      store: { commit },
      leavesOf: () => [],
      followers: () => [counting],
      monotonic: () => now,
      log: makeLog({ write: () => {} }),
      meter: counting.ports.commits
    })
  const has = async (line: string) => t.ok((await counting.meter.render()).text.split('\n').includes(line), line)
  return {
    truth,
    counting,
    counted,
    has,
    pass: (milliseconds: number) => {
      now += milliseconds
    }
  }
}

t.test('a commit is counted by its result, also if it fails, and nothing of it changes', async (t) => {
  const { counted, has } = open(t)
  const commits = counted()
  t.equal(await commits.append({ enrolments: [anEnrolment('a')] }), 'committed')
  t.equal(await commits.append({ enrolments: [anEnrolment('a')] }), 'stale')
  const failing = counted({ commit: async () => Promise.reject(new ProblemError('store-full')) })
  await t.rejects(failing.append({}), { code: 'store-full' })
  await has('joinery_commits_total{result="committed"} 1')
  await has('joinery_commits_total{result="stale"} 1')
  await has('joinery_commits_total{result="failed"} 1')
  await has('joinery_commit_duration_seconds_count 3')
})

t.test('what was not committed counts for nothing', async (t) => {
  const { counted, has } = open(t)
  const alert = { at: '', actor: 'server', event: 'conflict', detail: '', alert: true }
  const change = { enrolments: [anEnrolment('a', { revision: 7 })], entries: [{ subject: 'a', entry: alert }] }
  t.equal(await counted().append(change), 'stale')
  await has('joinery_alerts_total{event="conflict"} 0')
})

t.test('a call to the API server is counted by its outcome, on the object that has it', async (t) => {
  const { counting, has, pass } = open(t)
  const cluster = {
    version() {
      pass(300)
      return Promise.resolve(this === cluster ? 'v1.37.0' : 'somebody else')
    },
    nodes: () => Promise.reject(new ProblemError('cluster-unavailable')),
    approveCsr: () => Promise.reject(new ProblemError('not-found')),
    denyCsr: () => Promise.resolve(),
    now: () => new Date(5)
  } as unknown as UnguardedCluster
  const counted = counting.cluster(cluster)
  t.equal(await counted.version(), 'v1.37.0')
  t.same(counted.now(), new Date(5), 'what is no call stays as it is')
  await t.rejects(counted.nodes(), { code: 'cluster-unavailable' })
  await t.rejects(counted.approveCsr({ name: '', uid: '' }), { code: 'not-found' })
  await counted.denyCsr({ name: '', uid: '' })
  for (const [call, outcome] of [
    ['version', 'ok'],
    ['nodes', 'error'],
    ['approveCsr', 'conflict'],
    ['denyCsr', 'ok']
  ])
    await has(`joinery_kubernetes_calls_total{part="cluster",call="${call}",outcome="${outcome}"} 1`)
  await has('joinery_csr_decisions_total{signer="kubelet-client",verdict="denied"} 1')
})

t.test('a view that somebody else changed is a conflict, and one that is shown says how late it is', async (t) => {
  const { counting, has, pass } = open(t)
  const answers: object[] = [{ conflict: true }, { refused: 'why' }, { version: '1' }, { version: '2' }]
  const views = {
    page: async () => undefined,
    read: async () => undefined,
    remove: async () => {},
    put: async (_kind: string, _name: string) => answers.shift()
  } as unknown as Views
  const counted = counting.views(views)
  counting.take({ place: 1, change: { enrolments: [anEnrolment('a')] } })
  pass(2_000)
  for (let puts = 0; puts < 4; puts += 1) await counted.put('enrolments', 'a', {} as never, undefined)
  await counted.page('enrolments')
  for (const [call, outcome, count] of [
    ['put', 'conflict', 1],
    ['put', 'refused', 1],
    ['put', 'ok', 2],
    ['page', 'conflict', 1]
  ])
    await has(`joinery_kubernetes_calls_total{part="views",call="${call}",outcome="${outcome}"} ${count}`)
  await has('joinery_view_lag_seconds_sum 2')
  await has('joinery_view_lag_seconds_count 1')
})

t.test('tokens and causes from before the start are read once, and then followed', async (t) => {
  const { truth, counting, counted } = open(t)
  const cause = { code: 'disk-full', from: 'machine', text: '', at: '', since: '' } as never
  const attempt = { tokenId: 'abcdef', expires: '2026-01-01T00:10:00.000Z' }
  await truth.commit({
    enrolments: [
      anEnrolment('a', {
        state: 'ready',
        diagnosis: { cause },
        join: { attempts: [{ ...attempt, number: 1, tokenDeleted: true }] }
      }),
      anEnrolment('b', { state: 'joining', join: { attempts: [{ ...attempt, number: 1 }] } }),
      anEnrolment('c', { state: 'joined', join: { attempts: [{ ...attempt, number: 1 }] } })
    ]
  })
  const { followed } = counting
  const tokens = (time: string) => followed.tokens(new Date(`2026-01-01T${time}Z`))
  t.same(tokens('00:00:00'), { open: 0, leftover: 0, overdue: 0 }, 'nothing is read before somebody asks')
  await followed.read()
  t.same(tokens('00:14:00'), { open: 1, leftover: 1, overdue: 0 })
  t.same(tokens('00:16:00'), { open: 1, leftover: 0, overdue: 1 })
  t.same([...followed.causes], [['disk-full', 1]])
  await counted().append({
    enrolments: [anEnrolment('a', { revision: 1, state: 'ready', join: { attempts: [{ number: 1 }] } })],
    gone: { enrolments: [{ id: 'c', revision: 1 }], codes: [] }
  })
  t.same(tokens('00:16:00'), { open: 1, leftover: 0, overdue: 0 })
  t.same([...followed.causes], [])
})
