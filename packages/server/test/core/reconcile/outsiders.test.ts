import { aNode } from '@joinery/testing/documents/node'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { clusterSubject, nodeSubject } from '../../../src/core/ports/store/timeline.ts'
import { Outsiders, type Seen } from '../../../src/core/reconcile/outsiders.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const clock = { now: () => new Date('2026-01-01T00:00:00Z') }
const log = makeLog({ write: () => {} })
const seen = (...names: string[]): Seen => ({
  nodes: names.map((name) => aNode(name, { machineId: `m-${name}` })),
  csrs: [],
  heads: [],
  tokenIds: new Set()
})

const open = (t: Test): WritableStore => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  return store
}
/** A server that has just started on this store. */
const started = (store: WritableStore) => new Outsiders({ store, sights: store, commits: commitsTo(store), clock, log })
const alertsOf = async (store: WritableStore) => (await store.alerts(new Date(0), 10)).count
const cut = new Error('cut')

t.test('a first look that is cut before its commit does not count', async (t) => {
  const store = open(t)
  const dying = started({ ...store, commit: async () => Promise.reject(cut) })
  await t.rejects(dying.look(seen('cp-1')), cut)
  await started(store).look(seen('cp-1'))
  t.match(await store.outsiders(), [{ name: 'cp-1', node: { before: true } }])
  t.equal(await alertsOf(store), 0)
})

t.test('a first look that is cut after its commit counts, and later Nodes alert', async (t) => {
  const store = open(t)
  const commit: WritableStore['commit'] = async (change) => {
    await store.commit(change)
    throw cut
  }
  await t.rejects(started({ ...store, commit }).look(seen('cp-1')), cut)
  await started(store).look(seen('cp-1', 'worker-9'))
  t.match(await store.timeline(nodeSubject('worker-9')), [{ event: 'unknown-node', alert: true }])
  t.equal(await alertsOf(store), 1)
})

t.test('a cluster without a Node was looked at too', async (t) => {
  const store = open(t)
  await started(store).look(seen())
  t.match(await store.timeline(clusterSubject), [{ event: 'first-look', alert: false }])
  await started(store).look(seen('worker-9'))
  t.equal(await alertsOf(store), 1)
})

t.test(
  'an alert that is cut before its commit comes later, and one that is cut after it does not come again',
  async (t) => {
    const store = open(t)
    await started(store).look(seen())
    const before = started({ ...store, commit: async () => Promise.reject(cut) })
    await t.rejects(before.look(seen('worker-9')), cut)
    t.equal(await alertsOf(store), 0)
    let lost = true
    const commit: WritableStore['commit'] = async (change) => {
      const result = await store.commit(change)
      if (!lost) return result
      lost = false
      throw cut
    }
    const after = started({ ...store, commit })
    await t.rejects(after.look(seen('worker-9')), cut)
    for (const server of [after, after, started(store)]) await server.look(seen('worker-9'))
    t.equal(await alertsOf(store), 1)
  }
)

t.test('of two servers on one store only one alerts, at the first look and later', async (t) => {
  const store = open(t)
  const [one, two] = [started(store), started(store)]
  await Promise.all([one.look(seen('cp-1')), two.look(seen('cp-1'))])
  t.equal((await store.timeline(clusterSubject)).length, 1)
  await Promise.all([one.look(seen('cp-1', 'worker-9')), two.look(seen('cp-1', 'worker-9'))])
  for (const server of [one, two]) await server.look(seen('cp-1', 'worker-9'))
  t.equal(await alertsOf(store), 1)
  t.same([...(await one.known()).keys()], ['cp-1', 'worker-9'])
  t.same([...(await two.known()).keys()], ['cp-1', 'worker-9'])
})
