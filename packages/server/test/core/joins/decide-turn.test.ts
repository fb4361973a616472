import t from 'tap'
import { claimTime, hasTurn, inLine, isPresent } from '../../../src/core/joins/decide-joins.ts'

const at = (id: string, minute: number) => ({ id, since: `2026-01-01T00:0${minute}:00.000Z` })
const [first, second, third] = [at('c', 1), at('a', 2), at('b', 2)]

t.test(
  'who was approved first is served first, and of those approved together one is always before the other',
  async (t) => {
    t.same(inLine([third, second, first]), [first, second, third])
  }
)

for (const [own, free, expected] of [
  [first, 0, false],
  [first, 1, true],
  [second, 1, false],
  [second, 2, true],
  [third, 2, false],
  [third, 3, true],
  [at('late', 9), 3, false],
  [at('late', 9), 4, true],
  [first, -5, false]
] as const) {
  t.test(`${own.id} ${expected ? 'may' : 'may not'} join if ${free} places are free`, async (t) => {
    t.equal(hasTurn(own, [third, second, first], free), expected)
  })
}

t.test('a machine waits as long as it polls, or has just claimed, or was just told to come', async (t) => {
  const waiter = { id: 'a', key: 'a', since: '', heard: 1_000, seen: { joining: 0, atMost: 0 } }
  const soon = 1_000 + claimTime - 1
  const late = 1_000 + claimTime
  t.ok(isPresent(waiter, false, soon), 'it has claimed, and does not poll yet')
  t.notOk(isPresent(waiter, false, late), 'it is away')
  t.ok(isPresent(waiter, true, late + 60_000))
  const woken = { ...waiter, heard: 0, woken: 1_000 }
  t.ok(isPresent(woken, false, soon), 'it is about to claim')
  t.notOk(isPresent(woken, true, late), 'it was told to come, and polls instead')
})
