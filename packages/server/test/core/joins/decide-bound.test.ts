import t from 'tap'
import { decideBound } from '../../../src/core/joins/decide-joins.ts'

const well = { all: 100, slow: 0, refused: 0 }

const cases: [string, bound: number, most: number, counts: Partial<typeof well>, windows: number, expected: number][] =
  [
    ['is as configured while all is well', 20, 20, {}, 1, 20],
    ['halves after one answer of 429', 20, 20, { refused: 1 }, 1, 10],
    ['halves once, however long nobody looked', 20, 20, { refused: 50 }, 100, 10],
    ['stays while a tenth is slow', 20, 20, { slow: 10 }, 1, 20],
    ['halves if more is slow', 20, 20, { slow: 11 }, 1, 10],
    ['halves if the one answer was slow', 20, 20, { all: 1, slow: 1 }, 1, 10],
    ['is rounded down', 3, 20, { refused: 1 }, 1, 1],
    ['is never below 1', 1, 20, { all: 1, slow: 1, refused: 1 }, 9, 1],
    ['stays where it is if nothing is known', 7, 20, { all: 0 }, 50, 7],
    ['grows by a quarter', 8, 20, {}, 1, 10],
    ['grows by 1 at least', 1, 20, {}, 1, 2],
    ['grows with each window', 1, 20, {}, 4, 5],
    ['never grows above the configured one', 19, 20, {}, 1000, 20]
  ]
for (const [what, bound, most, counts, windows, expected] of cases) {
  t.test(`the bound ${what}`, async (t) => {
    t.equal(decideBound(bound, most, { ...well, ...counts }, windows), expected)
  })
}

t.test(
  'from the default, a minute of trouble lets one machine join at a time, and five minutes bring it back',
  async (t) => {
    let bound = 2_000
    for (let window = 0; window < 11; window += 1) bound = decideBound(bound, 2_000, { ...well, refused: 1 }, 1)
    t.equal(bound, 1)
    for (let window = 0; window < 60; window += 1) bound = decideBound(bound, 2_000, well, 1)
    t.equal(bound, 2_000)
  }
)
