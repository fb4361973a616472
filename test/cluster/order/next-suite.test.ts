import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { nextSuite, type Pace, slownessOf, usualTime } from './next-suite.ts'
import { type Suite, suites } from './suites.ts'

const suite = (name: string, processors: number, seconds = 100): Suite => ({ name, processors, seconds })
const [large, middle, small, none] = [suite('large', 3), suite('middle', 2), suite('small', 1), suite('none', 0, 200)]
const lengthy = suite('lengthy', 3, 300)
const unhurried: Pace = { within: Number.POSITIVE_INFINITY, elapsed: 0, slowness: 1 }

t.test('the next suite is the longest that fits beside those that run', async (t) => {
  const rows: [string, Suite[], Suite[], Suite | undefined][] = [
    ['nothing runs: the longest', [large, none, middle], [], none],
    ['of two that are as long the first', [large, middle], [], large],
    ['nothing is left', [], [middle], undefined],
    ['a third bed does not fit', [none], [small, none], undefined],
    ['beside three processors only a suite without machines', [middle, lengthy, none], [large], none],
    ['beside three processors none with a machine', [middle, small], [large], undefined],
    ['beside two processors one more', [large, middle, small], [middle], small],
    ['beside no machine the longest', [small, lengthy], [none], lengthy]
  ]
  for (const [row, left, running, expected] of rows) t.equal(nextSuite(left, running, unhurried), expected, row)
})

t.test('a suite begins only if it will probably end in time', async (t) => {
  const [long, short] = [suite('long', 1, 300), suite('short', 1, 60)]
  const rows: [string, elapsed: number, slowness: number, Suite | undefined][] = [
    ['there is time', 0, 1, long],
    ['it would end just in time', 700, 1, long],
    ['it would end too late: the next one that fits', 701, 1, short],
    ['the host is slow', 500, 2, short],
    ['none fits', 950, 1, undefined],
    ['none fits on this host', 900, 2, undefined]
  ]
  for (const [row, elapsed, slowness, expected] of rows) {
    t.equal(nextSuite([long, short], [], { within: 1000, elapsed, slowness }), expected, row)
  }
  t.equal(slownessOf([]), 1, 'nothing is known yet')
  t.equal(
    slownessOf([
      { suite: long, took: 500 },
      { suite: short, took: 220 }
    ]),
    2
  )
  t.equal(slownessOf([{ suite: long, took: 100 }]), 1, 'no host is fast')
})

/** Seconds until the last suite ends on a host that takes so many times as long as usual, and the suites that are left out. */
const played = (slowness: number): { left: Suite[]; elapsed: number } => {
  const [left, ends]: [Suite[], { at: number; suite: Suite }[]] = [[...suites], []]
  let elapsed = 0
  for (;;) {
    const running = ends.map(({ suite }) => suite)
    const next = nextSuite(left, running, { within: 3600, elapsed, slowness })
    if (next === undefined) {
      const first = ends.sort((one, other) => one.at - other.at).shift()
      if (first === undefined) return { left, elapsed }
      elapsed = first.at
    } else {
      left.splice(left.indexOf(next), 1)
      ends.push({ at: elapsed + next.seconds * slowness, suite: next })
    }
  }
}

t.test('every suite of CI has its time, also on a host that takes nearly twice as long', async (t) => {
  for (const slowness of [1, 1.4, 1.9]) {
    const { left, elapsed } = played(slowness)
    t.same(left, [], `${slowness} times as long`)
    // two at a time cannot take less than half of what all take together
    t.ok(elapsed < (usualTime(suites) / 2) * slowness * 1.05, `${elapsed} s`)
  }
})

t.test('every suite of CI has its row', async (t) => {
  const files = globSync('*.cluster.ts', { cwd: join(import.meta.dirname, '..') })
  t.same(suites.map(({ name }) => name).sort(), files.map((file) => basename(file, '.cluster.ts')).sort())
})
