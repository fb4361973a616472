import type { NodeStatus } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import t from 'tap'
import { conditionChange } from '../../../../src/core/enrolment/node/condition-change.ts'
import type { FlapDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-01T00:30:00Z')
const node = (condition: NodeStatus['condition'], message = ''): NodeStatus => ({
  uid: 'n1',
  registered: '2026-01-01T00:00:00.000Z',
  condition,
  message
})
const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
const flap = (last: number): FlapDocument => ({ since: at(25), last: at(last), count: 7 })
const change = (from: NodeStatus['condition'], to: NodeStatus['condition'], known?: FlapDocument) =>
  conditionChange({ node: node(from, 'so it was'), diagnosis: given({ flap: known }) }, node(to, 'so it is'), now)

t.test('any condition but Ready begins a flap', async (t) => {
  for (const [from, to, begins] of [
    ['Ready', 'NotReady', true],
    ['Ready', 'Unknown', true],
    ['Ready', 'Gone', true],
    ['NotReady', 'Unknown', true],
    ['Gone', 'NotReady', true],
    ['NotReady', 'Ready', false],
    ['Unknown', 'Ready', false]
  ] as const) {
    const { flap, entries } = change(from, to)
    t.equal(flap !== undefined, begins, `${from} to ${to}`)
    t.match(entries, [{ detail: `${to} so it is`, count: undefined }], `${from} to ${to}`)
  }
})

t.test('a change within ten minutes belongs to the flap', async (t) => {
  for (const to of ['Ready', 'Unknown'] as const) {
    const { flap: after, entries } = change('NotReady', to, flap(9.99))
    t.same(after, { since: at(25), last: now.toISOString(), count: 8 }, to)
    t.match(entries, [{ at: at(25), last: now.toISOString(), count: 8 }], to)
  }
  t.match(change('NotReady', 'Ready', flap(10)), {
    flap: undefined,
    entries: [{ at: now.toISOString(), count: undefined }]
  })
  t.match(change('Ready', 'NotReady', flap(10)), { flap: { since: now.toISOString(), count: 1 } })
})

t.test('a Node without a change writes no entry, and its flap goes on', async (t) => {
  t.same(change('Ready', 'Ready', flap(1)), { flap: flap(1), entries: [] })
  t.same(change('Ready', 'Ready'), { entries: [] })
})

t.test('a Node that is Ready again says why it was not', async (t) => {
  t.equal(change('NotReady', 'Ready', flap(1)).entries[0]?.detail, 'Ready so it is, after NotReady so it was')
})
