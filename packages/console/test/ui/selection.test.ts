import t from 'tap'
import { selectionOf, shownOf, sorted, toggled } from '../../src/ui/model/selection.ts'
import { aRow, keyA, keyB } from './a-row.ts'

const [a, b, c] = [aRow('a'), aRow('b'), aRow('c')]
const rows = [a, b, c]

t.test('a decision carries the revision and the key of what was on the screen', async (t) => {
  t.same(shownOf(a), { id: 'a', revision: 3, key: keyA })
})

t.test('a row keeps the look that it was selected with, whatever comes later', async (t) => {
  const first = selectionOf(['a', 'b'], rows, new Map())
  const fresh = aRow('a', { revision: 4, key: keyB })
  const second = selectionOf(['a', 'c'], [fresh, b, c], first)
  t.equal(second.get('a'), a)
  t.equal(second.get('c'), c)
  t.equal(second.has('b'), false)
  t.same(sorted(second, [fresh, b, c]), { same: [c], changed: [{ seen: a, now: fresh }] })
})

t.test('a row that a link selects, and that is not there, is not selected', async (t) => {
  t.same([...selectionOf(['gone'], rows, new Map()).keys()], [])
})

const choices: [what: string, before: string[], id: string, from: string | undefined, after: string[]][] = [
  ['a first row', [], 'a', undefined, ['a']],
  ['a second row', ['a'], 'b', undefined, ['a', 'b']],
  ['the same row again', ['a', 'b'], 'a', undefined, ['b']],
  ['a range downwards', ['a'], 'c', 'a', ['a', 'b', 'c']],
  ['a range upwards', ['c'], 'a', 'c', ['c', 'a', 'b']],
  ['a range from a row that is gone', ['x'], 'a', 'x', ['x', 'a']]
]

t.test('rows are selected one by one, or as a range', async (t) => {
  for (const [what, before, id, from, after] of choices) t.same(toggled(before, id, rows, from), after, what)
})
