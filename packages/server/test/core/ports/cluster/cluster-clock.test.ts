import t from 'tap'
import { clockAhead, inClockWords } from '../../../../src/core/ports/cluster/cluster-clock.ts'

const now = new Date('2026-01-01T00:00:00Z')
const table: [cluster: number | undefined, ahead: number | undefined, words?: RegExp][] = [
  [undefined, undefined],
  [0, undefined],
  [29_999, undefined],
  [-29_999, undefined],
  [30_000, -30, /is 30 s behind the API server's$/],
  [-30_000, 30, /is 30 s ahead of the API server's$/],
  [3_600_000, -3600, /is 3600 s behind/]
]
for (const [later, expected, words] of table) {
  t.test(`an API server's clock that is ${later} ms ahead puts the host's ${expected ?? 'no'} s ahead`, async (t) => {
    const ahead = clockAhead(now, later === undefined ? undefined : new Date(now.getTime() + later))
    t.equal(ahead, expected)
    if (words !== undefined) t.match(inClockWords(ahead ?? 0), words)
  })
}
