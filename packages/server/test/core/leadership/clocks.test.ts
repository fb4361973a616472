import t from 'tap'
import { systemMonotonic } from '../../../src/core/base/clock.ts'
import { elapsed, systemClocks } from '../../../src/core/leadership/clocks.ts'
import { alwaysLeads } from '../../../src/core/leadership/leadership.ts'

t.test('a server that has its store for itself always leads', async (t) => {
  t.ok(alwaysLeads.holds())
  t.equal(alwaysLeads.left(), Number.POSITIVE_INFINITY)
  alwaysLeads.require()
})

t.test('the time between two readings is that of the clock that went furthest', async (t) => {
  const from = { monotonic: 0, wall: 1_000, uptime: 50 }
  t.equal(elapsed(from, { monotonic: 5, wall: 1_003, uptime: 52 }), 5)
  t.equal(elapsed(from, { monotonic: 5, wall: 9_000, uptime: 52 }), 8_000)
  t.equal(elapsed(from, { monotonic: 5, wall: 0, uptime: 9_050 }), 9_000)
  t.ok(Number.isNaN(elapsed(from, { monotonic: 5, wall: 1_003, uptime: Number.NaN })))
  const before = systemMonotonic()
  const [first, second] = [systemClocks(), systemClocks()]
  const atMost = systemMonotonic() - before
  // the clock of the host counts in hundredths of a second, and a right one may be set by some
  t.ok(elapsed(first, second) >= 0 && elapsed(first, second) < atMost + 1_000)
})
