import { type Change, WritableStore } from '@joinery/server/testing/store'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { claim, reporting, waiting } from './machine-reports.ts'

const name = 'worker-1'

/** A pairing whose store does something else with the next commit that `fits`. */
const openCut = async (t: Test, fits: (change: Change) => boolean) => {
  let cut: 'before' | 'after' | undefined
  const pairing = await openPairing(t, { diagnosis: 'on' }, undefined, (container) => {
    const store = container.resolve(WritableStore)
    const commit = store.commit.bind(store)
    store.commit = async (change) => {
      if (cut === undefined || !fits(change)) return commit(change)
      const when = cut
      cut = undefined
      if (when === 'after') await commit(change)
      throw new Error('the power was cut')
    }
  })
  return {
    pairing,
    cutNext: (when: 'before' | 'after') => {
      cut = when
    }
  }
}
const told = async ({ operator }: Awaited<ReturnType<typeof openPairing>>) =>
  (await operator.show(name)).timeline.filter(({ event }) => event === 'cause')
const hasCause = ({ entries = [] }: Change): boolean => entries.some(({ entry }) => entry.event === 'cause')
const hasReport = ({ enrolments = [] }: Change): boolean =>
  enrolments.some(({ diagnosis: { reported } }) => reported !== undefined)

for (const when of ['before', 'after'] as const) {
  t.test(`a crash ${when} the first cause is written leaves one entry`, async (t) => {
    const { pairing, cutNext } = await openCut(t, hasCause)
    await waiting(pairing, name)
    cutNext(when)
    await pairing.diagnose()
    t.equal((await told(pairing)).length, when === 'after' ? 1 : 0)
    await pairing.restart()
    await pairing.reconcile()
    await pairing.diagnose()
    t.match(await told(pairing), [{ detail: /^plugin-missing/, count: undefined }])
    t.equal((await told(pairing)).length, 1)
  })

  t.test(`a crash ${when} a report is written lets the machine report again`, async (t) => {
    const { pairing, cutNext } = await openCut(t, hasReport)
    const one = await waiting(pairing, name)
    cutNext(when)
    t.equal((await reporting(t, pairing, one.machine)({ causes: [claim('disk-full')] })).status, 500)
    await pairing.restart()
    t.equal((await reporting(t, pairing, one.machine)({ causes: [claim('disk-full')] })).status, 200)
    t.match(await pairing.operator.why(name), { causes: [{ code: 'disk-full', from: 'machine' }] })
  })
}

t.test('two looks at the same time write one entry', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  await Promise.all([pairing.diagnose(), pairing.diagnose(), pairing.diagnose()])
  t.equal((await told(pairing)).length, 1)
})

t.test('two reports at the same time are one of the two', async (t) => {
  const pairing = await openPairing(t)
  const one = await waiting(pairing, name)
  const twins = [reporting(t, pairing, one.machine), reporting(t, pairing, one.machine)]
  const codes = ['disk-full', 'memory-short'] as const
  const answers = await Promise.all(
    twins.map((report, index) => report({ causes: [claim(codes[index] ?? 'disk-full')] }))
  )
  t.ok(answers.every(({ status }) => [200, 429].includes(status)))
  const { causes } = await pairing.operator.why(name)
  t.equal(causes.filter(({ from }) => from === 'machine').length, 1)
})

t.test('a look whose answer comes late says nothing about a Node that is Ready by then', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  const { cluster } = pairing
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const real = cluster.podSight
  Object.assign(cluster, {
    podSight: async (node: string) => {
      const sight = await real(node)
      asked.resolve()
      await answer.promise
      return sight
    }
  })
  const look = pairing.diagnose()
  await asked.promise
  await cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  await pairing.reconcile()
  answer.resolve()
  await look
  Object.assign(cluster, { podSight: real })
  t.equal((await pairing.operator.show(name)).cause, undefined)
  t.same(await told(pairing), [])
})

t.test('a cluster that is away is no cause, and the next look finds it', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  await pairing.cluster.goDown()
  await pairing.diagnose()
  t.equal(await refusedWith(pairing.operator.why(name)), 'cluster-unavailable')
  t.same(await told(pairing), [])
  await pairing.cluster.comeBack()
  pairing.clock.advance(10_000)
  await pairing.diagnose()
  t.equal((await told(pairing)).length, 1)
})
