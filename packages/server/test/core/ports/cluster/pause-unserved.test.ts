import t from 'tap'
import { pauseUnserved } from '../../../../src/core/ports/cluster/pause-unserved.ts'

t.test('the pause is what the API server asks for, and doubles up to half a minute', async (t) => {
  const table: [inRow: number, retryAfter: number, seconds: number][] = [
    [1, 1, 1],
    [2, 1, 2],
    [5, 1, 16],
    [6, 1, 30],
    [1_000_000, 1, 30],
    [1, 20, 20],
    [6, 20, 30],
    [6, 60, 60]
  ]
  for (const [inRow, retryAfter, seconds] of table) {
    t.equal(pauseUnserved(inRow, retryAfter), seconds * 1000, `${inRow} in a row, asked for ${retryAfter} s`)
  }
})
