import { ProblemError } from '@joinery/protocol'
import { type FakeCluster, fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { type Comparison, compareGeneration } from '../../../src/core/generation/compare-generation.ts'
import { Generations } from '../../../src/core/generation/generations.ts'
import { type NotedNumber, readGeneration, sealGeneration } from '../../../src/core/generation/seal-generation.ts'
import { notedAtMost } from '../../../src/core/ports/cluster/banned-names.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import type { Generation } from '../../../src/core/ports/store/store-age.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const clock = { now: () => new Date('2026-01-01T00:10:00Z') }
const cut = new Error('cut')

const keyOf = (fill: number) => ({ file: 'master.key', key: new Uint8Array(32).fill(fill) })
const [masterKeys, rotated, others] = [{ all: [keyOf(1)] }, { all: [keyOf(1), keyOf(2)] }, { all: [keyOf(3)] }]
const mac = sealGeneration(6, masterKeys).slice(2)

const texts: [what: string, text: string, read: ReturnType<typeof readGeneration>][] = [
  ['a number with its MAC', `6 ${mac}`, { number: 6, isSealed: true }],
  ['the MAC of another number', `7 ${mac}`, undefined],
  ['a MAC by another key', sealGeneration(6, others), undefined],
  ['a MAC by a key that this server does not have yet', sealGeneration(6, rotated), undefined],
  ['a MAC that is cut', `6 ${mac.slice(1)}`, undefined],
  ['more than a MAC', `6 ${mac} `, undefined],
  ['two spaces', `6  ${mac}`, undefined],
  ['a number of before there was a MAC', '6', { number: 6, isSealed: false }],
  ['the largest without a MAC', '999999999999999', { number: 999_999_999_999_999, isSealed: false }],
  ['a larger one without a MAC', '1000000000000000', undefined],
  ['a larger one with its MAC', sealGeneration(1e15, masterKeys), { number: 1e15, isSealed: true }],
  ['a number that has no double', sealGeneration(6, masterKeys).replace('6', '9007199254740993'), undefined],
  ['a zero before it', `06 ${mac}`, undefined],
  ['an exponent', '1e3', undefined],
  ['a line break', '6\n', undefined],
  ['other digits', '٦', undefined],
  ['nothing', '', undefined]
]

t.test('only a number with a MAC by one of the master keys is sealed', async (t) => {
  for (const [what, text, read] of texts) t.same(readGeneration(text, masterKeys), read, what)
  t.same(readGeneration(`6 ${mac}`, rotated), { number: 6, isSealed: true }, 'an older key reads it')
  t.notSame(sealGeneration(6, rotated), `6 ${mac}`, 'the newest key seals')
  t.ok(sealGeneration(Number.MAX_SAFE_INTEGER, masterKeys).length <= notedAtMost)
})

const [sealed, bare] = [
  { number: 6, isSealed: true },
  { number: 6, isSealed: false }
]
const table: [what: string, own: Generation, noted: NotedNumber | undefined, found: Comparison][] = [
  ['the same number', { number: 6, sealed: true }, sealed, { kind: 'known' }],
  ['a cluster that is behind', { number: 7, sealed: true }, sealed, { kind: 'known' }],
  ['a cluster that is ahead', { number: 5, sealed: true }, sealed, { kind: 'older', noted: 6 }],
  ['a cluster that is ahead of an empty store', { number: 0, origin: 'empty' }, sealed, { kind: 'empty', noted: 6 }],
  [
    'a cluster that is ahead of a restored store',
    { number: 3, origin: 'restored', sealed: true },
    sealed,
    { kind: 'restored', noted: 6 }
  ],
  ['a larger number without a MAC, at the upgrade', { number: 5 }, bare, { kind: 'older', noted: 6 }],
  ['a larger number without a MAC, later', { number: 5, sealed: true }, bare, { kind: 'unreadable' }],
  ['a number without a MAC that says nothing new', { number: 6, sealed: true }, bare, { kind: 'known' }],
  ['a text of somebody else', { number: 5 }, undefined, { kind: 'unreadable' }]
]

for (const [what, own, noted, found] of table) {
  t.test(`compared with ${what}: ${found.kind}`, async (t) => {
    t.same(compareGeneration(own, noted), found, what)
  })
}

/** A store of generation 1, in which a code is open and a machine approved. */
const openStore = async (t: Test): Promise<WritableStore> => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const [code, enrolment] = [aCode('c'), anEnrolment('e', { state: 'approved', join: { lastAttempt: 3 } })]
  await store.commit({ codes: [code], enrolments: [enrolment], generation: 1 })
  return store
}

/** A server that has just started on this store. */
const started = (store: WritableStore, cluster: FakeCluster) => {
  const time = { now: 0 }
  const lines: string[] = []
  const commits = commitsTo(store)
  const generations = new Generations({
    store,
    age: store,
    commits,
    cluster,
    enrolments: {
      commitTogether: async (decisions, also) =>
        (await store.commit({ ...also, enrolments: decisions.map(({ enrolment }) => enrolment) })) === 'committed'
    },
    credentials: { settle: async () => undefined },
    masterKeys,
    clock,
    monotonic: () => time.now,
    log: makeLog({ write: (line) => void lines.push(line) })
  })
  return { generations, commits, time, lines }
}
const openCluster = () => fakeCluster(clock)
const noted = async (cluster: FakeCluster) => (await cluster.generation()).text?.split(' ')[0]
const stateOf = async (store: WritableStore) => (await store.enrolment('e'))?.state
const alertsOf = async (store: WritableStore) =>
  (await store.alerts(new Date(0), 10)).last.map(({ entry: { event, count = 1 } }) => [event, count])

t.test('a crash before the store or the cluster has the number says nothing about the store', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  await started(store, cluster).generations.require()
  t.same([await noted(cluster), await store.generation()], ['2', { number: 2, sealed: true }])

  const before = { ...store, commit: async () => Promise.reject(cut) }
  await started(before, cluster).generations.require()
  t.same([await noted(cluster), await store.generation()], ['2', { number: 2, sealed: true }])

  const after = cluster.holdUp('noteGeneration')
  const dying = started(store, cluster).generations.require()
  await after.sent
  t.same([await noted(cluster), await store.generation()], ['2', { number: 3, sealed: true }], 'the store comes first')
  after.giveUp()
  await dying

  await started(store, cluster).generations.require()
  t.same([await noted(cluster), await store.generation()], ['4', { number: 4, sealed: true }])
  t.same([await stateOf(store), await alertsOf(store)], ['approved', []])
})

t.test('an older store is settled after a crash before that, and not again after a crash later', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  await cluster.writeGenerationAsAdmin(sealGeneration(7, masterKeys))
  const before = started({ ...store, commit: async () => Promise.reject(cut) }, cluster)
  await t.rejects(before.generations.require(), cut)
  await t.rejects(before.generations.require(), cut, 'it is not compared')
  t.same([await stateOf(store), await alertsOf(store), await noted(cluster)], ['approved', [], '7'])

  const commit: WritableStore['commit'] = async (change) => {
    await store.commit(change)
    throw cut
  }
  await t.rejects(started({ ...store, commit }, cluster).generations.require(), cut)
  t.same([await stateOf(store), await alertsOf(store)], ['pending', [['older-store', 1]]])
  t.same([await noted(cluster), await store.generation()], ['7', { number: 8, sealed: true }])

  await started(store, cluster).generations.require()
  t.same([await noted(cluster), await alertsOf(store)], ['9', [['older-store', 1]]])
})

t.test('two servers on two copies of a store find each other, and neither keeps an approval', async (t) => {
  const cluster = await openCluster()
  const stores = [await openStore(t), await openStore(t)] as const
  const [one, two] = [started(stores[0], cluster), started(stores[1], cluster)]
  await Promise.all([one.generations.require(), two.generations.require()])
  for (const server of [one, two, one, two]) {
    await server.commits.append({ entries: [] })
    server.time.now += 60_000
    await server.generations.follow(true)
  }
  t.same([await stateOf(stores[0]), await stateOf(stores[1])].sort(), ['pending', 'pending'])
  t.same(await Promise.all(stores.map(alertsOf)), [[['older-store', 1]], [['older-store', 2]]])
  t.match([...one.generations.remedies, ...two.generations.remedies], [/systemctl stop/, /systemctl stop/])
})

t.test('a call of an earlier process that arrives late takes no number back', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  const { generations, commits, time, lines } = started(store, cluster)
  const late = cluster.holdUp('noteGeneration')
  const first = generations.require()
  await late.sent
  late.giveUp()
  await first
  t.match(lines.join(''), /could not be compared with the cluster; the server tries again/)
  await commits.append({ entries: [] })
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
  t.same(await store.generation(), { number: 2, sealed: true })
  t.equal(lines.length, 1)
})

t.test('a decision by somebody else meanwhile is not overwritten', async (t) => {
  const [store, cluster] = [await openStore(t), await openCluster()]
  await cluster.writeGenerationAsAdmin(sealGeneration(7, masterKeys))
  let raced = false
  const enrolments: WritableStore['enrolments'] = async (...which) => {
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
