import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { nextSuite } from './next-suite.ts'
import { type Suite, suites } from './suites.ts'

const suite = (name: string, processors: number): Suite => ({ name, processors })
const [large, middle, small, none] = [suite('large', 3), suite('middle', 2), suite('small', 1), suite('none', 0)]

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
  for (const [row, left, running, expected] of rows) t.equal(nextSuite(left, running), expected, row)
})

t.test('every suite of CI has its place in the order', async (t) => {
  const files = globSync('*.cluster.ts', { cwd: join(import.meta.dirname, '..') })
  t.same(suites.map(({ name }) => name).sort(), files.map((file) => basename(file, '.cluster.ts')).sort())
})
