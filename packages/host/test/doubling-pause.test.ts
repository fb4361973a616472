import t from 'tap'
import { doublingPause } from '../src/doubling-pause.ts'

t.test('a pause doubles with each failure, up to its bound', async (t) => {
  const pauses = [0, 1, 2, 3, 4, 5, 1_000, Number.MAX_SAFE_INTEGER].map((failures) =>
    doublingPause(failures, { first: 10, most: 100 })
  )
  t.same(pauses, [10, 10, 20, 40, 80, 100, 100, 100])
})
