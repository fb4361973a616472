import t from 'tap'
import type { Suite } from '../order/suites.ts'
import { decideSkips, type Receipts, receiptsAfter } from './decide-skips.ts'

const suites: Suite[] = [
  { name: 'spine', processors: 2, seconds: 100 },
  { name: 'rebuilt', processors: 1, seconds: 100 },
  { name: 'attacks', processors: 0, seconds: 100, always: 'it attacks' }
]
const keys = new Map([
  ['spine', 'a'],
  ['rebuilt', 'b'],
  ['attacks', 'c']
])
const passed: Receipts['passed'] = {
  spine: { key: 'a', commit: '1111111' },
  rebuilt: { key: 'b', commit: '2222222' },
  attacks: { key: 'c', commit: '2222222' }
}

t.test('a suite is skipped if it passed with these inputs', async (t) => {
  const rows: [string, Receipts, [string, string][]][] = [
    ['nothing is known', { runsSinceAll: 0, passed: {} }, []],
    [
      'all passed with them: not the one that is always played',
      { runsSinceAll: 0, passed },
      [
        ['spine', '1111111'],
        ['rebuilt', '2222222']
      ]
    ],
    [
      'the inputs of one are others',
      { runsSinceAll: 0, passed: { ...passed, spine: { key: 'z', commit: '1111111' } } },
      [['rebuilt', '2222222']]
    ],
    [
      'the fourth run with skips',
      { runsSinceAll: 3, passed: { rebuilt: { key: 'b', commit: '2222222' } } },
      [['rebuilt', '2222222']]
    ],
    ['each fifth run plays all', { runsSinceAll: 4, passed }, []]
  ]
  for (const [row, receipts, expected] of rows) t.same([...decideSkips(suites, keys, receipts)], expected, row)
})

t.test('a suite that has no key is played', async (t) => {
  t.same([...decideSkips(suites, new Map(), { runsSinceAll: 0, passed })], [])
})

t.test(
  'after a green run each suite has a receipt, and a skipped one keeps the commit at which it passed',
  async (t) => {
    const before = { runsSinceAll: 3, passed }
    t.same(receiptsAfter(before, keys, new Map([['spine', '1111111']]), '3333333'), {
      runsSinceAll: 4,
      passed: {
        spine: { key: 'a', commit: '1111111' },
        rebuilt: { key: 'b', commit: '3333333' },
        attacks: { key: 'c', commit: '3333333' }
      }
    })
    t.equal(receiptsAfter(before, keys, new Map(), '3333333').runsSinceAll, 0, 'all were played')
  }
)
