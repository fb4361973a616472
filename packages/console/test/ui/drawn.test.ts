import { fc } from '@joinery/testing/chance/drawn'
import t from 'tap'
import { columns, roundTop, ticks } from '../../src/ui/model/bars.ts'
import { windowed } from '../../src/ui/model/windowed.ts'

const tops: [largest: number, top: number][] = [
  [0, 1],
  [1, 1],
  [3, 5],
  [5, 5],
  [7, 10],
  [11, 20],
  [44, 50],
  [51, 100],
  [1200, 2000]
]

t.test('an axis ends at a round number', async (t) => {
  for (const [largest, top] of tops) t.equal(roundTop(largest), top, `${largest}`)
  t.same(ticks(20), [0, 5, 10, 15, 20])
  t.same(ticks(5), [0, 1, 2, 3, 4, 5])
  t.same(ticks(1), [0, 1])
})

t.test('no bar leaves its picture, and no two bars lie on each other', async () => {
  const size = { width: 720, height: 160 }
  const groups = fc.array(fc.array(fc.nat(5000), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 31 })
  fc.assert(
    fc.property(groups, (values) => {
      const bars = columns(values, { ...size, top: roundTop(Math.max(...values.flat())) }).flat()
      for (const [place, { x, y, width, height }] of bars.entries()) {
        if (x < 0 || x + width > size.width + 0.001 || y < -0.001 || y + height > size.height + 0.001) return false
        const next = bars[place + 1]
        if (next !== undefined && next.x < x + width - 0.001) return false
      }
      return true
    })
  )
})

t.test('of a long list only what can be seen is drawn, and the rest keeps its room', async (t) => {
  t.same(windowed(2000, 40, 0, 800), { first: 0, end: 32, above: 0, below: 1968 * 40 })
  t.same(windowed(2000, 40, 40_000, 800), { first: 988, end: 1032, above: 988 * 40, below: 968 * 40 })
  t.same(windowed(3, 40, 0, 800), { first: 0, end: 3, above: 0, below: 0 })
  t.same(windowed(0, 40, 500, 800), { first: 0, end: 0, above: 0, below: 0 })
  t.same(windowed(10, 40, 99_999, 800), { first: 10, end: 10, above: 400, below: 0 })
})
