import { ProblemError } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { makeLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { type RehearsalCluster, rehearsalCluster } from '../../src/cluster/rehearsal/rehearsal-cluster.ts'
import { compareGeneration } from '../../src/generation/compare-generation.ts'
import { Generations } from '../../src/generation/generations.ts'
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import type { Generation, Store } from '../../src/store/store.ts'

const clock = { now: () => new Date('2026-01-01T00:10:00Z') }
const cut = new Error('cut')

const table: [what: string, own: Generation, text: string | undefined, found: ReturnType<typeof compareGeneration>][] =
  [
    ['a cluster that was told nothing', { number: 5 }, undefined, { kind: 'known' }],
    ['the same number', { number: 5 }, '5', { kind: 'known' }],
    ['the same number, beyond what is believed of others', { number: 1e15 }, '1000000000000000', { kind: 'known' }],
    ['a cluster that is behind', { number: 5 }, '4', { kind: 'known' }],
    ['a cluster that is ahead', { number: 5 }, '6', { kind: 'older', noted: 6 }],
    ['a cluster that is ahead of an empty store', { number: 0, origin: 'empty' }, '6', { kind: 'empty', noted: 6 }],
    [
      'a cluster that is ahead of a restored store',
      { number: 3, origin: 'restored' },
      '6',
      { kind: 'restored', noted: 6 }
    ],
    ['a cluster that is not ahead of an empty store', { number: 0, origin: 'empty' }, '0', { kind: 'known' }],
    ['the largest number', { number: 5 }, '999999999999999', { kind: 'older', noted: 999_999_999_999_999 }],
    ['a number above the largest', { number: 5 }, '1000000000000000', { kind: 'unreadable' }],
    ['a number that has no double', { number: 5 }, '9007199254740993', { kind: 'unreadable' }],
    ['a number with a zero before it', { number: 5 }, '06', { kind: 'unreadable' }],
    ['an exponent', { number: 5 }, '1e3', { kind: 'unreadable' }],
    ['a line break', { number: 5 }, '6\n', { kind: 'unreadable' }],
    ['other digits', { number: 5 }, '٦', { kind: 'unreadable' }]
  ]

for (const [what, own, text, found] of table) {
  t.test(`compared with ${what}: ${found.kind}`, async (t) => {
    t.same(compareGeneration(own, text), found, what)
  })
}

/** A store of generation 1, in which a code is open and a machine approved. */
const openStore = async (t: Test): Promise<Store> => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const [code, enrolment] = [aCode('c'), anEnrolment('e', { state: 'approved', lastAttempt: 3 })]
  await store.commit({ codes: [code], enrolments: [enrolment], generation: 1 })
  return store
}

/** A server that has just started on this store. */
const started = (store: Store, cluster: RehearsalCluster) => {
  const time = { now: 0 }
  const lines: string[] = []
  const generations = new Generations({
    store,
    cluster,
    enrolments: {
      commitTogether: async (decisions, also) =>
        (await store.commit({ ...also, enrolments: decisions.map(({ enrolment }) => enrolment) })) === 'committed'
    },
    credentials: { settle: async () => undefined },
    clock,
    monotonic: () => time.now,
    log: makeLog({ write: (line) => void lines.push(line) })
  })
  return { generations, time, lines }
}
const openCluster = () => rehearsalCluster(clock, systemRandom)
const noted = async (cluster: RehearsalCluster) => (await cluster.generation()).text
const stateOf = async (store: Store) => (await store.enrolment('e'))?.state
const alertsOf = async (store: Store) =>
  (await store.alerts(new Date(0), 10)).last.map(({ entry: { event, count = 1 } }) => [event, count])

t.test('a crash before the store or the cluster has the number says nothing about the store', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  await started(store, cluster).generations.require()
  t.same([await noted(cluster), await store.generation()], ['2', { number: 2 }])

  const before = { ...store, commit: async () => Promise.reject(cut) }
  await started(before, cluster).generations.require()
  t.same([await noted(cluster), await store.generation()], ['2', { number: 2 }])

  const after = cluster.holdUp('noteGeneration')
  const dying = started(store, cluster).generations.require()
  await after.sent
  t.same([await noted(cluster), await store.generation()], ['2', { number: 3 }], 'the store comes first')
  after.giveUp()
  await dying

  await started(store, cluster).generations.require()
  t.same([await noted(cluster), await store.generation()], ['4', { number: 4 }])
  t.same([await stateOf(store), await alertsOf(store)], ['approved', []])
})

t.test('an older store is settled after a crash before that, and not again after a crash later', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  await cluster.writeGenerationAsAdmin('7')
  const before = started({ ...store, commit: async () => Promise.reject(cut) }, cluster)
  await t.rejects(before.generations.require(), cut)
  await t.rejects(before.generations.require(), cut, 'it is not compared')
  t.same([await stateOf(store), await alertsOf(store), await noted(cluster)], ['approved', [], '7'])

  const commit: Store['commit'] = async (change) => {
    await store.commit(change)
    throw cut
  }
  await t.rejects(started({ ...store, commit }, cluster).generations.require(), cut)
  t.same([await stateOf(store), await alertsOf(store)], ['pending', [['older-store', 1]]])
  t.same([await noted(cluster), await store.generation()], ['7', { number: 8 }])

  await started(store, cluster).generations.require()
  t.same([await noted(cluster), await alertsOf(store)], ['9', [['older-store', 1]]])
})

t.test('two servers on two copies of a store find each other, and neither keeps an approval', async (t) => {
  const cluster = await openCluster()
  const stores = [await openStore(t), await openStore(t)] as const
  const [one, two] = [started(stores[0], cluster), started(stores[1], cluster)]
  await Promise.all([one.generations.require(), two.generations.require()])
  for (const [index, server] of [one, two, one, two].entries()) {
    await stores[index % 2]?.commit({ entries: [] })
    server.time.now += 60_000
    await server.generations.follow(true)
  }
  t.same([await stateOf(stores[0]), await stateOf(stores[1])].sort(), ['pending', 'pending'])
  t.same(await Promise.all(stores.map(alertsOf)), [[['older-store', 1]], [['older-store', 2]]])
  t.match([...one.generations.remedies, ...two.generations.remedies], [/systemctl stop/, /systemctl stop/])
})

t.test('a call of an earlier process that arrives late takes no number back', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  const { generations, time, lines } = started(store, cluster)
  const late = cluster.holdUp('noteGeneration')
  const first = generations.require()
  await late.sent
  late.giveUp()
  await first
  t.match(lines.join(''), /could not be compared with the cluster; the server tries again/)
  await store.commit({ entries: [] })
  time.now += 60_000
  await generations.follow(true)
  t.equal(await noted(cluster), '3')
  await late.arrive()
  t.equal(await noted(cluster), '3')
})

t.test('a cluster that takes no number does not cause repeated writes, and is logged once', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  const { generations, time, lines } = started(store, cluster)
  cluster.noteGeneration = async () => Promise.reject(new ProblemError('cluster-unavailable', { detail: 'no' }))
  await generations.require()
  for (let count = 0; count < 5; count += 1) {
    time.now += 60_000
    await generations.follow(true)
  }
  t.same(await store.generation(), { number: 2 })
  t.equal(lines.length, 1)
})

t.test('a decision by somebody else meanwhile is not overwritten', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  await cluster.writeGenerationAsAdmin('7')
  let raced = false
  const enrolments: Store['enrolments'] = async (...which) => {
    const read = await store.enrolments(...which)
    const [enrolment] = read
    if (enrolment !== undefined && !raced) {
      raced = true
      await store.commit({ enrolments: [{ ...enrolment, state: 'rejected' }] })
    }
    return read
  }
  await started({ ...store, enrolments }, cluster).generations.require()
  t.same([await stateOf(store), await alertsOf(store)], ['rejected', [['older-store', 1]]])
  t.match(await store.code('c'), { revoked: clock.now().toISOString() })
})

t.test('many callers at once ask the cluster once', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  let asked = 0
  const { generation } = cluster
  cluster.generation = async () => {
    asked += 1
    return generation()
  }
  const { generations } = started(store, cluster)
  await Promise.all(Array.from({ length: 100 }, () => generations.require()))
  t.equal(asked, 1)
})
