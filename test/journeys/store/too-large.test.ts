import { randomBytes } from 'node:crypto'
import { type Change, DocumentTooLarge, WritableStore } from '@joinery/server/testing/store'
import { joinOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import { storeOnFakeLog } from '@joinery/testing/pairing/store-on-log'
import t, { type Test } from 'tap'

/** A server whose store is in the cluster, where a document has a size that it cannot go beyond. */
const withClusterStore = async (t: Test) => {
  const store = await storeOnFakeLog(t)
  return openPairing(t, {}, undefined, (container) => void container.register(WritableStore, { useValue: store }))
}

/** Text that nothing makes shorter. */
const noise = (length: number): string => randomBytes(length).toString('base64').slice(0, length)

t.test('a machine that says something else at each look stops neither its enrolment nor the server', async (t) => {
  const pairing = await withClusterStore(t)
  const machine = await enrolled(pairing, 'worker-1')
  for (let look = 0; look < 140; look += 1) {
    pairing.clock.advance(1_000)
    const macs = Array.from({ length: 64 }, () => noise(17))
    await machine.server.observe({ facts: { ...machine.facts, macs, serial: noise(128) }, preflight: [] })
  }
  const { timeline } = await pairing.operator.show('worker-1')
  t.match(timeline[0], { event: 'enrol' }, 'what came first is there')
  t.match(await approve(pairing, 'worker-1'), { state: 'approved' })
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'approve' })
  await enrolled(pairing, 'worker-2')
  pairing.clock.advance(8 * 24 * 3600_000)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'expired' })
})

/** A server that can write nothing more about these subjects. */
const withFullSubjects = async (t: Test, isFull: (change: Change) => boolean) => {
  let refused = 0
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const store = container.resolve(WritableStore)
    const commit: WritableStore['commit'] = async (change) => {
      if (!isFull(change)) return store.commit(change)
      refused += 1
      throw new DocumentTooLarge('its document has too many bytes')
    }
    container.register(WritableStore, { useValue: { ...store, commit } })
  })
  return { pairing, refused: () => refused }
}

t.test('an enrolment whose document is full does not keep others from their end', async (t) => {
  let isFull = false
  const { pairing, refused } = await withFullSubjects(
    t,
    ({ enrolments = [] }) => isFull && enrolments.some(({ name }) => name === 'worker-1')
  )
  await enrolled(pairing, 'worker-1')
  await enrolled(pairing, 'worker-2')
  isFull = true
  pairing.clock.advance(8 * 24 * 3600_000)
  await pairing.reconcile()
  t.ok(refused() > 0)
  t.match(await pairing.operator.show('worker-2'), { state: 'expired' })
  t.match(pairing.log, /could not be reconciled; the server tries again/)
})

t.test('a name of which nothing more can be told does not keep others from being told', async (t) => {
  const { pairing, refused } = await withFullSubjects(t, ({ entries = [] }) =>
    entries.some(({ subject }) => subject === 'node/a')
  )
  await pairing.reconcile()
  await joinOutside(pairing.cluster, pairing.clock, 'a')
  await joinOutside(pairing.cluster, pairing.clock, 'b')
  await pairing.reconcile()
  t.ok(refused() > 0)
  t.match((await pairing.operator.status()).alerts, { last: [{ subject: 'node/b' }] })
})
