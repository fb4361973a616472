import t from 'tap'
import type { SeenEnrolment } from '../../src/contract.ts'
import { type Rows, rowsOf, together, withChange, withPage } from '../../src/ui/model/rows.ts'
import { aRow } from './a-row.ts'

const at = (second: number) => `2026-11-27T10:00:${String(second).padStart(2, '0')}.000Z`
const row = (id: string, second: number, more: Partial<SeenEnrolment> = {}) =>
  aRow(id, { created: at(second), ...more })
const [a, b, c] = [row('a', 30), row('b', 20), row('c', 10)]
const whole: Rows = { items: [a, b, c], total: 3, look: 5 }
const pending = { state: 'pending' }
const ids = ({ items, total }: Rows) => [items.map(({ id }) => id).join(''), total]
const change = (rows: SeenEnrolment[], gone: string[] = [], look = 6) => ({ look, rows, gone })

t.test('a row that changed is another object, and every other row is the same', async (t) => {
  const fresh = row('b', 20, { revision: 4 })
  const { items } = withChange(whole, change([fresh]), pending)
  t.equal(items[0], a)
  t.equal(items[1], fresh)
  t.equal(items[2], c)
})

const cases: [what: string, rows: Rows, event: Parameters<typeof withChange>[1], result: unknown][] = [
  ['a new row at its place', whole, change([row('n', 25)]), ['anbc', 4]],
  ['a new row at the top', whole, change([row('n', 40)]), ['nabc', 4]],
  ['a new row at the end', whole, change([row('n', 5)]), ['abcn', 4]],
  ['a new row below what was read', { ...whole, total: 9, continue: 'x' }, change([row('n', 5)]), ['abc', 9]],
  ['a row that fits no longer', whole, change([row('b', 20, { state: 'approved' })]), ['ac', 2]],
  ['a new row that does not fit', whole, change([row('n', 25, { state: 'ready' })]), ['abc', 3]],
  ['a row that is gone', whole, change([], ['a']), ['bc', 2]],
  ['an event that is older than the list', whole, change([], ['a'], 4), ['abc', 3]]
]

t.test('an event brings each row to its place', async (t) => {
  for (const [what, rows, event, result] of cases) t.same(ids(withChange(rows, event, pending)), result, what)
})

t.test('an event about other rows changes nothing at all', async (t) => {
  t.equal(withChange(whole, change([row('n', 25, { state: 'ready' })]), pending), whole)
})

t.test('the oldest come first if the list asks for that', async (t) => {
  const rows: Rows = { items: [c, b, a], total: 3, look: 5 }
  t.same(ids(withChange(rows, change([row('n', 25)]), { ...pending, order: 'oldest' })), ['cbna', 4])
})

t.test('a page goes below, without rows that an event has brought', async (t) => {
  const page = { items: [c, row('d', 5)], total: 4, counts: {} as never, look: 5 }
  const rows = withPage({ items: [a, b, c], total: 4, look: 6, continue: 'x' }, page)
  t.same(ids(rows), ['abcd', 4])
  t.equal(rows.continue, undefined)
  t.equal(rows.look, 6)
  t.same(rowsOf({ ...page, continue: 'y' }).continue, 'y')
})

t.test('of events in one frame the last word about each row counts', async (t) => {
  const [one, other] = [row('b', 20, { revision: 4 }), row('b', 20, { revision: 5 })]
  t.same(together([change([one], [], 6), change([other], ['a'], 7)]), { look: 7, rows: [other], gone: ['a'] })
  t.same(together([change([], ['a'], 6), change([a], [], 7)]), { look: 7, rows: [a], gone: [] })
})
