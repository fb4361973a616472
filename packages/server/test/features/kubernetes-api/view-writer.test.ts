import { installationName } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { aMachine, change, installation, openWriters, quick, watchful } from './writer-fixture.ts'

t.test(
  'each enrolment has one object and the installation one, and while nothing happens nothing is written',
  async (t) => {
    const { cluster, truth, start, shown, quiet, looks } = await openWriters(t)
    const [one, other] = [aMachine(), aMachine({ state: 'ready' })]
    await truth.commit({ enrolments: [one] })
    const { store, log } = start()
    await store.commit({ enrolments: [other] })
    await eventually(
      'both are shown',
      async () => shown(one.id)?.state === 'pending' && shown(other.id)?.state === 'ready'
    )
    await eventually('the installation is shown', async () => cluster.views.statuses('installations').size === 1)
    t.same(cluster.views.statuses('installations').get(installationName), installation)
    const writes = await quiet()
    t.equal(writes, 3)
    // of two lists each
    await looks(10)
    t.equal(cluster.views.writes(), writes)
    t.equal(log(), '')
  }
)

t.test('what changes is written once, and a heartbeat not at all', async (t) => {
  const { cluster, start, shown, quiet } = await openWriters(t)
  let now = 0
  const { store } = start({ budget: { ...watchful, each: 300 }, monotonic: () => now })
  const one = aMachine()
  await store.commit({ enrolments: [one] })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  const before = await quiet()
  for (const state of ['approved', 'joining', 'joined', 'ready'] as const) await change(store, one.id, { state })
  t.equal(await quiet(), before, 'nothing is written before its time')
  now += 300
  await eventually('it is ready', async () => shown(one.id)?.state === 'ready')
  t.equal(cluster.views.writes(), before + 1, 'the four changes before its time are one write')
  now += 300
  await change(store, one.id, { settled: true })
  t.equal(await quiet(), before + 1)
})

t.test(
  'how far a machine has come between its claim and Ready is shown in its time, or with what else changes',
  async (t) => {
    const { start, shown, quiet } = await openWriters(t)
    let now = 0
    const { store } = start({ budget: { ...watchful, arriving: 5_000 }, monotonic: () => now })
    const one = aMachine({ state: 'approved' })
    const state = (): unknown => shown(one.id)?.state
    const isShown = (wanted: string) => eventually(`${wanted} is shown`, async () => state() === wanted)
    await store.commit({ enrolments: [one] })
    await isShown('approved')
    // what the watch tells of the own write is over
    const pass = async (milliseconds: number): Promise<void> => {
      await quiet()
      now += milliseconds
      await quiet()
    }
    await pass(1_000)
    await change(store, one.id, { state: 'joining' }, 'claim')
    await pass(4_000)
    t.equal(state(), 'approved')
    await change(store, one.id, { join: { attempts: [{ stage: '[kubelet-start]' }] } }, 'progress')
    await pass(1_000)
    await isShown('joining')
    t.match(shown(one.id)?.message, 'kubelet-start')
    await pass(1_000)
    await change(store, one.id, { state: 'joined' }, 'register')
    await pass(1_000)
    t.equal(state(), 'joining')
    await change(store, one.id, { state: 'ready' }, 'become-ready')
    await isShown('ready')
  }
)

t.test('all writes are within the budget, and a new object is two of them', async (t) => {
  const { cluster, truth, start, quiet } = await openWriters(t)
  await truth.commit({ enrolments: Array.from({ length: 40 }, () => aMachine()) })
  let now = 0
  start({ budget: { ...watchful, writes: { each: 10, burst: 20 } }, monotonic: () => now })
  for (const [passes, objects] of [
    [0, 8],
    [20, 9],
    [200, 19],
    [200, 29],
    [200, 39],
    [200, 41]
  ] as const) {
    now += passes
    await eventually(`${objects} objects`, () => cluster.views.writes() >= objects)
    t.ok((await quiet()) <= objects + 2, 'ten at once, and then one in 20 ms')
  }
  t.equal(cluster.views.statuses('enrolments').size, 40)
})

t.test(
  'O3: a server that was cut before it wrote the status of a new object writes it when it starts again',
  async (t) => {
    const { cluster, truth, start, shown, quiet } = await openWriters(t)
    const one = aMachine()
    await truth.commit({ enrolments: [one] })
    cluster.views.editAsAdmin('enrolments', one.id, undefined)
    start({ budget: watchful })
    await eventually('it is shown', async () => shown(one.id)?.state === 'pending')
    t.match(shown(one.id), { observedGeneration: 1, conditions: [{ type: 'Approved', observedGeneration: 1 }] })
    t.equal(await quiet(), 2, 'the status, and the installation')
  }
)

t.test('O3: the status of an object that a server of before wrote is for the generation that it has', async (t) => {
  const { cluster, truth, start, shown, quiet } = await openWriters(t)
  const one = aMachine()
  await truth.commit({ enrolments: [one] })
  cluster.views.editAsAdmin('enrolments', one.id, { state: 'pending' }, {}, 17)
  const { store } = start({ budget: watchful })
  await eventually('it is shown', async () => shown(one.id)?.observedGeneration === 17)
  await change(store, one.id, { state: 'approved' })
  await eventually('it is approved', async () => shown(one.id)?.state === 'approved')
  t.equal(shown(one.id)?.observedGeneration, 17)
  cluster.views.editAsAdmin('enrolments', one.id, shown(one.id), {}, 18)
  await eventually('another one wrote it', async () => shown(one.id)?.observedGeneration === 18)
  const writes = await quiet()
  t.equal(writes, 4, 'the installation, and each of the three once')
})

t.test('what somebody edits, labels or deletes is put back, by the watch alone and by a look alone', async (t) => {
  for (const [how, budget] of Object.entries({ watch: watchful, look: quick })) {
    const { cluster, truth, start, shown, quiet } = await openWriters(t)
    const [one, two, three] = [aMachine(), aMachine(), aMachine()]
    await truth.commit({ enrolments: [one, two, three] })
    start({ budget })
    await eventually('all are shown', async () => shown(three.id) && cluster.views.statuses('installations').size === 1)
    const writes = await quiet()
    const before = cluster.views.statuses('enrolments')
    if (how === 'look') cluster.silenceWatches()
    cluster.views.editAsAdmin('enrolments', one.id, { ...shown(one.id), state: 'ready' })
    cluster.views.deleteAsAdmin('enrolments', two.id)
    cluster.views.editAsAdmin('enrolments', three.id, shown(three.id), { 'example.org/mine': 'yes' })
    cluster.views.editAsAdmin('installations', installationName, { ...installation, server: 'https://evil:7443' })
    await eventually('they are put back', async () => cluster.views.writes() === writes + 4)
    t.same(cluster.views.statuses('enrolments'), before, how)
    t.same(cluster.views.statuses('installations').get(installationName), installation, how)
    t.equal(await quiet(), writes + 4, how)
  }
})

t.test('the object of an enrolment that is gone goes, and so does what the server never made', async (t) => {
  const { cluster, truth, start, shown, quiet } = await openWriters(t)
  const [one, other] = [aMachine({ state: 'rejected' }), aMachine()]
  await truth.commit({ enrolments: [one, other] })
  cluster.views.editAsAdmin('enrolments', 'foreign', { state: 'pending' })
  cluster.views.editAsAdmin('installations', 'another', installation)
  const { store } = start({ budget: watchful })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  await eventually('foreign objects go', async () => shown('foreign') === undefined)
  await eventually(
    'foreign objects go',
    async () => cluster.views.statuses('installations').get('another') === undefined
  )
  cluster.views.editAsAdmin('enrolments', 'later', { state: 'pending' })
  await eventually('it goes, too', async () => shown('later') === undefined)
  await store.commit({ gone: { enrolments: [{ id: one.id, revision: 1 }], codes: [] } })
  await eventually('the object goes', async () => shown(one.id) === undefined)
  await quiet()
  t.same([...cluster.views.statuses('enrolments').keys()], [other.id])
})

t.test('a server that starts again lists, and writes only what differs', async (t) => {
  const { cluster, truth, start, shown, quiet } = await openWriters(t)
  const all = Array.from({ length: 300 }, () => aMachine())
  await truth.commit({ enrolments: all })
  const first = start({ budget: watchful })
  await eventually('all are shown', async () => cluster.views.statuses('enrolments').size === all.length)
  await quiet()
  first.stop()
  const [changed = aMachine(), gone = aMachine()] = all
  await change(truth, changed.id, { state: 'approved' })
  await truth.commit({ gone: { enrolments: [{ id: gone.id, revision: 1 }], codes: [] } })
  const before = cluster.views.writes()
  start({ budget: watchful })
  await eventually('it is shown as it is', async () => shown(changed.id)?.state === 'approved')
  await eventually('it is gone', async () => shown(gone.id) === undefined)
  t.equal((await quiet()) - before, 2)
})

t.test('a server that ends waits for the write that is under way', async (t) => {
  const { truth, cluster, start } = await openWriters(t)
  const held = cluster.views.holdUp('put')
  const { store, stop, over } = start()
  await store.commit({ enrolments: [aMachine()] })
  await held.sent
  let isOver = false
  void over.then(() => {
    isOver = true
  })
  stop()
  await truth.enrolments()
  t.notOk(isOver)
  await held.arrive()
  await over
  t.ok(isOver)
})

t.test('while the Nodes are not known, nothing is written', async (t) => {
  const { cluster, truth, start, shown } = await openWriters(t)
  const one = aMachine()
  await truth.commit({ enrolments: [one] })
  let [known, asked] = [false, 0]
  start({
    knowsNodes: () => {
      asked += 1
      return known
    }
  })
  // each of its four lanes, and its looks, several times
  await eventually('it has asked', () => asked >= 50)
  t.equal(cluster.views.writes(), 0)
  known = true
  await eventually('it is shown', async () => shown(one.id) !== undefined)
})

t.test('two machines that want one name are shown with each other, and no longer when one is over', async (t) => {
  const { start, shown } = await openWriters(t)
  const { store } = start({ budget: watchful })
  const [one, other] = [aMachine({ name: 'worker-1' }), aMachine({ name: 'worker-1' })]
  await store.commit({ enrolments: [one] })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  await store.commit({ enrolments: [other] })
  await eventually('the first shows the second', async () => shown(one.id)?.nameConflict !== undefined)
  t.equal(shown(one.id)?.nameConflict, `enrolment ${other.id} (pending)`)
  await change(store, other.id, { state: 'rejected' })
  await eventually('it is alone again', async () => shown(one.id)?.nameConflict === undefined)
})

t.test(
  'a twin server with the same store writes nothing more, and one with another store is no endless race',
  async (t) => {
    const { cluster, truth, start, shown, quiet, looks } = await openWriters(t)
    const one = aMachine()
    await truth.commit({ enrolments: [one] })
    start({ budget: watchful })
    await eventually('it is shown', async () => shown(one.id) !== undefined)
    const before = await quiet()
    start({ budget: watchful })
    await looks(2)
    t.equal(await quiet(), before)
    const copy = sqliteStore(':memory:')
    t.teardown(() => copy.close())
    await copy.commit({ enrolments: [{ ...one, state: 'rejected' }] })
    let now = 0
    const twin = start({ store: copy, budget: { ...watchful, putBack: 200 }, monotonic: () => now })
    let begun = before
    for (const round of [1, 2, 3]) {
      // the twins with the same store may both put it back: a round with a third write says nothing of the next one
      await eventually('each has put it back', () => {
        const writes = cluster.views.writes() - begun
        return shown(one.id)?.state === 'pending' && writes >= 2
      })
      // what a look found has no delay
      now += 10
      const writes = await quiet()
      now += 189
      begun = await quiet()
      t.equal(begun, writes, `each puts back, once in 200 ms: round ${round}`)
      now += 11
    }
    twin.stop()
    await eventually('the one that is left shows its truth', async () => shown(one.id)?.state === 'pending')
  }
)
