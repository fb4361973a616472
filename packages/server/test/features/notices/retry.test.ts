import { day, hour, minute, second } from '@joinery/protocol'
import t from 'tap'
import { longestPause, nextTry, pauseAfter, until } from '../../../src/features/notices/retry.ts'

t.test('the tries of a notice are further and further apart, and end within a day', async (t) => {
  const delays: number[] = []
  for (let tries = 1; ; tries += 1) {
    const delay = nextTry(tries, 0.5)
    if (delay === undefined) break
    delays.push(delay)
  }
  t.same(delays, [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 6 * hour])
  const all = (random: number) => delays.reduce((sum, _, index) => sum + (nextTry(index + 1, random) ?? 0), 0)
  t.ok(all(0.5) < day)
  t.ok(all(0) >= 0.9 * all(0.5) - 10 && all(0) < all(0.5), 'by chance a little sooner')
  t.ok(all(1 - Number.EPSILON) <= 1.1 * all(0.5) + 10 && all(1 - Number.EPSILON) > all(0.5), 'or later')
})

t.test('a receiver of which tries fail is tried every five minutes at most', async (t) => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 100, 1e9].map((times) => pauseAfter(times, 0.5))
  t.same(
    pauses.slice(0, 6),
    [5, 10, 20, 40, 80, 160].map((seconds) => seconds * second)
  )
  for (const pause of pauses.slice(6)) t.equal(pause, longestPause)
  t.equal(pauseAfter(1, 0.5, 20 * minute), 20 * minute, 'or later, if it asks for that')
  t.equal(pauseAfter(1, 0.5, 30 * day), hour, 'but never for long')
})

t.test('a clock that was set back keeps no notice from its receiver', async (t) => {
  const now = new Date('2026-01-02T00:00:00Z')
  t.equal(until('2026-01-01T00:00:00Z', now), 0)
  t.equal(until('2026-01-02T00:00:05Z', now), 5 * second)
  t.equal(until('2026-01-02T10:00:00Z', now), 10 * hour)
  t.equal(until('2027-01-01T00:00:00Z', now), 0, 'no try is ever put off for a year')
})
