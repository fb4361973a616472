import t from 'tap'
import { pauseAfter } from '../src/pause-after.ts'

t.test('looks at a join take a tenth of the time at most, until they are five seconds apart', async (t) => {
  for (const [looked, pause] of [
    [0, 500],
    [10, 500],
    [56, 504],
    [200, 1800],
    [1000, 5000],
    [60_000, 5000]
  ] as const) {
    t.equal(pauseAfter(looked), pause, `${looked} ms`)
  }
})
