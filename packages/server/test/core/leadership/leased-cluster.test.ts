import t from 'tap'
import { systemMonotonic } from '../../../src/core/base/clock.ts'
import { elapsed, systemClocks } from '../../../src/core/leadership/clocks.ts'
import { alwaysLeads, notActive } from '../../../src/core/leadership/leadership.ts'
import { givingCalls, leasedCluster } from '../../../src/core/leadership/leased-cluster.ts'
import type { Cluster } from '../../../src/core/ports/cluster/cluster.ts'

/** Every call of the port that changes something, and whether it gives. A new call of the port must be judged here. */
const changes = {
  createToken: true,
  deleteToken: false,
  approveCsr: true,
  denyCsr: false,
  createOwnCsr: true,
  deleteOwnCsr: false,
  setLabelsAndTaints: true,
  removeStartupTaint: true,
  deleteNode: false,
  ban: false,
  unban: true,
  noteGeneration: false,
  settleBannedLeases: false
} satisfies Partial<Record<keyof Cluster, boolean>>

t.test('each call that gives is refused while the leadership does not hold, and none that takes away', async (t) => {
  t.same(
    [...givingCalls].sort(),
    Object.entries(changes)
      .flatMap(([call, gives]) => (gives ? [call] : []))
      .sort()
  )
  const made: string[] = []
  const inner = Object.fromEntries(
    Object.keys(changes).map((call) => [call, async (word: string) => `${made.push(call)} ${word}`])
  ) as unknown as Cluster
  let leads = true
  const cluster = leasedCluster(inner, () => ({
    require: () => {
      if (!leads) throw notActive()
    }
  })) as unknown as Record<string, (word: string) => Promise<string>>
  for (const [call, gives] of Object.entries(changes)) {
    made.length = 0
    leads = true
    t.equal(await cluster[call]?.('x'), '1 x', `${call} while it holds`)
    leads = false
    if (gives) await t.rejects(cluster[call]?.('x') as Promise<string>, { code: 'not-active' }, call)
    else t.equal(await cluster[call]?.('x'), '2 x', `${call} while it does not`)
    t.equal(made.length, gives ? 1 : 2, call)
  }
})

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
