import { ago, enrolment, key, now } from '@joinery/testing/command/fixtures'
import t from 'tap'
import { accessAsked, rightsWithout } from '../../src/console/api.ts'
import type { ListQuery } from '../../src/console/contract.ts'
import { listPage } from '../../src/console/list-page.ts'
import { drawPictures } from '../../src/console/pictures.ts'
import { Timelines } from '../../src/console/timelines.ts'
import type { SeenEnrolment } from '../../src/operator-client.ts'

/** Ten machines, of which the last came last. Two of them came at the same time. */
const ten: readonly SeenEnrolment[] = Array.from({ length: 10 }, (_, index) => ({
  ...enrolment,
  id: `e${index}`,
  name: `node-${index}`,
  created: ago(1000 - 100 * Math.max(1, index)),
  state: index % 2 === 0 ? 'pending' : 'ready'
}))

const namesOf = (query: ListQuery, all = ten): string[] => listPage(all, query, 1).items.map(({ name }) => name)

t.test('pages follow one another without a gap, in both orders', async (t) => {
  for (const order of ['newest', 'oldest'] as const) {
    const seen: string[] = []
    let next: string | undefined
    do {
      const page = listPage(ten, { order, limit: '3', ...(next !== undefined && { continue: next }) }, 7)
      t.equal(page.total, 10)
      t.equal(page.look, 7)
      seen.push(...page.items.map(({ name }) => name))
      next = page.continue
    } while (next !== undefined)
    const all = ten.map(({ name }) => name)
    t.same(seen, order === 'oldest' ? all : all.reverse())
  }
})

t.test('a page is right although machines came and went since the page before', async (t) => {
  const { continue: next = '' } = listPage(ten, { limit: '3' }, 1)
  const later = [...ten.filter(({ name }) => name !== 'node-8'), { ...enrolment, id: 'new', created: ago(0) }]
  t.same(namesOf({ limit: '2', continue: next }, later), ['node-6', 'node-5'])
  t.throws(() => namesOf({ continue: 'not-a-place' }), /a page before/)
})

const filters: readonly [query: ListQuery, names: string[]][] = [
  [{ state: 'pending', order: 'oldest' }, ['node-0', 'node-2', 'node-4', 'node-6', 'node-8']],
  [{ state: 'ready,pending', limit: '1' }, ['node-9']],
  [{ text: 'NODE-3' }, ['node-3']],
  [{ text: 'node-3 ready' }, ['node-3']],
  [{ text: 'node-3 pending' }, []],
  [{ text: 'sn-1', limit: '1' }, ['node-9']],
  [{ text: key.slice(7, 15), limit: '1' }, ['node-9']],
  [{ role: 'control-plane' }, []],
  [{ code: 'c2' }, []]
]
for (const [query, names] of filters) {
  t.test(`${JSON.stringify(query)} fits ${names.length} of ten`, async (t) => {
    t.same(namesOf(query), names)
  })
}

t.test('the counts are of all, whatever is filtered', async (t) => {
  const { counts, total } = listPage(ten, { text: 'node-3' }, 1)
  t.match(counts, { pending: 5, ready: 5, frozen: 0 })
  t.equal(total, 1)
})

t.test('the pictures have each day, the times of each stage, and the failures by class', async (t) => {
  const joined = (waited: number): SeenEnrolment => ({
    ...enrolment,
    state: 'ready',
    created: ago(500 + waited),
    approved: { at: ago(500), revision: 3, key },
    attempts: [
      { number: 1, claimed: ago(600), deadline: ago(0), failure: 'machine: kubeadm stopped\nat: preflight' },
      { number: 2, claimed: ago(400), deadline: ago(0), failure: 'no Node until the deadline', failedBy: 'server' },
      { number: 3, claimed: ago(490), deadline: ago(0) }
    ],
    node: { uid: 'u', registered: ago(450), condition: 'Ready', message: '' },
    ready: ago(440)
  })
  const all = [...Array.from({ length: 20 }, (_, index) => joined(index + 1)), enrolment]
  const { days, stages, failures, lacking } = drawPictures(all, now)
  t.equal(days.length, 14)
  t.same(days.at(-1), { day: '2026-11-25', arrived: 21, ready: 20, failed: 0 })
  t.same(days[0], { day: '2026-11-12', arrived: 0, ready: 0, failed: 0 })
  t.same(stages, [
    { stage: 'waiting', count: 20, median: 10, p95: 19 },
    { stage: 'claiming', count: 20, median: 10, p95: 10 },
    { stage: 'joining', count: 20, median: 40, p95: 40 },
    { stage: 'settling', count: 20, median: 10, p95: 10 },
    { stage: 'whole', count: 20, median: 70, p95: 79 }
  ])
  t.same(failures, [
    { failure: 'machine', count: 20 },
    { failure: 'server', count: 20 }
  ])
  t.equal(lacking, undefined)
})

t.test('a view has no attempts, and the pictures say so', async (t) => {
  const { attempts: _, ...view } = { ...enrolment, state: 'ready' as const }
  const { stages, days, lacking } = drawPictures([view], now)
  t.same(stages, [])
  t.match(days.at(-1), { arrived: 1, ready: 1 })
  t.match(lacking, /Kubernetes/)
})

t.test('a right that is missing is named, and what does not need it is possible', async (t) => {
  const lacking = accessAsked.filter(({ verb, resource }) => verb === 'approve' || resource === 'nodes')
  const rights = rightsWithout(lacking)
  t.same(rights.approve, { may: false, missing: 'approve on enrolments.joinery.dev' })
  t.same(rights.replace, { may: false, missing: 'approve on enrolments.joinery.dev' })
  t.same(rights['list-nodes'], { may: false, missing: 'list on nodes' })
  t.same(rights.reject, { may: true })
  const none = rightsWithout(accessAsked)
  t.equal(none.reject.missing, 'reject on enrolments.joinery.dev and create on decisions.joinery.dev')
  t.equal(
    Object.values(none).some(({ may }) => may),
    false
  )
  t.ok(Object.values(rightsWithout([])).every(({ may }) => may))
})

t.test('the timelines of those that changed last are one, and are read again only if something changed', async (t) => {
  const items = ten.map((one, index) => ({ ...one, since: ago(100 - index) }))
  const asked: string[] = []
  let clock = 0
  const timelines = new Timelines({
    all: async () => ({ items }),
    show: async (id) => {
      asked.push(id)
      const at = ago(Number(id.slice(1)))
      return { ...enrolment, id, timeline: [{ at, actor: 'agent', event: 'enrol', detail: '', alert: false }] }
    },
    monotonic: () => clock
  })
  const page = await timelines.page()
  t.match(page, { read: 10, of: 10, items: { length: 10 } })
  t.same(
    page.items.map(({ enrolment }) => enrolment),
    ten.map(({ id }) => id),
    'newest first'
  )
  items[3] = { ...enrolment, id: 'e3', revision: 4 }
  asked.splice(0)
  await timelines.page()
  t.same(asked, ['e3'])
  clock += 30_000
  asked.splice(0)
  await timelines.page()
  t.equal(asked.length, 10)
})

t.test('the timelines of a large fleet are those of 50 machines, four at a time', async (t) => {
  const items = Array.from({ length: 2000 }, (_, index) => ({ ...enrolment, id: `e${index}`, since: ago(index) }))
  let [now, most] = [0, 0]
  const { timeline: _, ...view } = { ...enrolment, timeline: undefined }
  const timelines = new Timelines({
    all: async () => ({ items }),
    show: async (id) => {
      now += 1
      most = Math.max(most, now)
      await new Promise(setImmediate)
      now -= 1
      return { ...view, id }
    },
    monotonic: () => 0
  })
  t.match(await timelines.page(), { read: 50, of: 2000, items: { length: 0 }, lacking: /Kubernetes/ })
  t.equal(most, 4)
})
