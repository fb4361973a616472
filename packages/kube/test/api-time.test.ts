import t from 'tap'
import { ApiTime } from '../src/api-time.ts'

t.test('the time of the last answer goes on by the monotonic clock, and a broken date is ignored', async (t) => {
  let monotonic = 1000
  const time = new ApiTime(() => monotonic)
  for (const none of [undefined, '', 'yesterday', ['Thu, 01 Jan 2026 00:00:00 GMT'], 5]) {
    time.note(none)
    t.equal(time.now(), undefined, String(none))
  }
  time.note('Thu, 01 Jan 2026 00:00:00 GMT')
  t.same(time.now(), new Date('2026-01-01T00:00:00.500Z'), 'in the middle of its second')
  monotonic += 60_000
  t.same(time.now(), new Date('2026-01-01T00:01:00.500Z'))
  time.note('no date')
  t.same(time.now(), new Date('2026-01-01T00:01:00.500Z'))
  time.note('Wed, 31 Dec 2025 23:00:00 GMT')
  t.same(time.now(), new Date('2025-12-31T23:00:00.500Z'), 'also an earlier one')
})
