import { createHash, randomUUID } from 'node:crypto'
import { Budgets, budgets } from '@joinery/server/testing/base'
import { WritableStore } from '@joinery/server/testing/store'
import { eventually } from '@joinery/testing/clocks/eventually'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

const machines = 5_000
// the looks of several minutes, in a few seconds
const views = { ...budgets.views, writes: { each: 1, burst: machines }, each: 1, putBack: 1, sweep: 200, page: 1 }

t.test('5,000 machines are shown once each, and while nothing happens nothing is written', async (t) => {
  let store: WritableStore | undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    container.register(Budgets, { useValue: { ...container.resolve(Budgets), views } })
    store = container.resolve(WritableStore)
  })
  const ready = (index: number) =>
    anEnrolment(randomUUID(), {
      name: `worker-${index}`,
      state: 'ready',
      settled: true,
      key: `sha256:${createHash('sha256').update(String(index)).digest('hex')}`
    })
  const all = Array.from({ length: machines }, (_, index) => ready(index))
  for (let first = 0; first < machines; first += 500) await store?.commit({ enrolments: all.slice(first, first + 500) })
  const written = machines + 1
  for (let some = 500; some < written; some += 500) {
    await eventually(`${some} are shown`, async () => pairing.cluster.views.writes() >= some)
  }
  await eventually('all are shown', async () => pairing.cluster.views.writes() >= written)
  let pages = 0
  const { page } = pairing.cluster.views
  pairing.cluster.views.page = (kind, after) => {
    if (kind === 'enrolments' && after === undefined) pages += 1
    return page(kind, after)
  }
  await eventually('several looks at all of them', async () => pages >= 3)
  t.equal(pairing.cluster.views.writes(), written)
  await pairing.restart()
  pages = 0
  await eventually('a look of the server that started again', async () => pages >= 2)
  t.equal(pairing.cluster.views.writes(), written + 1, 'it signs its statement again')
})
