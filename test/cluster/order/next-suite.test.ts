import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { nextSuite, type Pace, slownessOf } from './next-suite.ts'
import { type Suite, suites } from './suites.ts'

const suite = (name: string, processors: number, seconds = 100): Suite => ({ name, processors, seconds })
const [large, middle, small, none] = [suite('large', 3), suite('middle', 2), suite('small', 1), suite('none', 0)]
const unhurried: Pace = { within: Number.POSITIVE_INFINITY, elapsed: 0, slowness: 1 }

t.test('the next suite is the first that fits beside those that run', async (t) => {
  const rows: [string, Suite[], Suite[], Suite | undefined][] = [
    ['nothing runs: the first', [large, middle], [], large],
    ['nothing is left', [], [middle], undefined],
    ['a third bed does not fit', [none], [small, none], undefined],
    ['beside three processors only a suite without machines', [middle, small, none], [large], none],
    ['beside three processors none with a machine', [middle, small], [large], undefined],
    ['beside two processors one more', [large, middle, small], [middle], small],
    ['beside no machine the first', [large, none], [none], large]
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

t.test('on a usual host every suite of CI has its time', async (t) => {
  const [left, ends]: [Suite[], { at: number; suite: Suite }[]] = [[...suites], []]
  let elapsed = 0
  while (left.length + ends.length > 0) {
    const running = ends.map(({ suite }) => suite)
    const next = nextSuite(left, running, { within: 3600, elapsed, slowness: 1 })
    if (next === undefined) {
      const first = ends.sort((one, other) => one.at - other.at).shift()
      if (first === undefined) break
      elapsed = first.at
    } else {
      left.splice(left.indexOf(next), 1)
      ends.push({ at: elapsed + next.seconds, suite: next })
    }
  }
  t.same(left, [])
  t.ok(elapsed < 2900, `${elapsed} s`)
})

t.test('every suite of CI has its place in the order', async (t) => {
  const files = globSync('*.cluster.ts', { cwd: join(import.meta.dirname, '..') })
  t.same(suites.map(({ name }) => name).sort(), files.map((file) => basename(file, '.cluster.ts')).sort())
})
