import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { dueSuites } from './due.ts'
import { type LongRun, readRuns, withRun } from './runs.ts'
import { type LongSuite, longSuites } from './suites.ts'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'test/cluster/long-runs.md'), 'utf8')

const run = (suite: string, more: Partial<LongRun> = {}): LongRun => ({
  ...{ suite, date: '2026-11-30', commit: 'abc123', result: 'passed', took: 600 },
  ...more
})
const [one, other] = longSuites as [LongSuite, LongSuite]

t.test('a suite is due until it has passed, and again when something has changed since', async (t) => {
  const rows: [string, LongRun[], changedSince: string[], LongSuite[]][] = [
    ['none was played', [], [], [one, other]],
    ['both have passed', [run(one.name), run(other.name)], [], []],
    ['one has failed', [run(one.name, { result: 'failed' }), run(other.name)], [], [one]],
    ['something has changed since one passed', [run(one.name, { commit: 'old' }), run(other.name)], ['old'], [one]]
  ]
  for (const [row, runs, old, due] of rows) {
    t.same(
      dueSuites([one, other], runs, (commit) => old.includes(commit)),
      due,
      row
    )
  }
})

t.test('the page keeps its text and one row for each suite', async (t) => {
  const text = page
    .split('\n')
    .filter((line) => !/^\| [a-z-]+ \| 20/.test(line))
    .join('\n')
  const once = withRun(withRun(text, run(other.name)), run(one.name))
  t.same(readRuns(once), [run(one.name), run(other.name)])
  const again = run(one.name, { commit: 'def456', result: 'failed', took: 12.4 })
  const twice = withRun(once, again)
  t.same(readRuns(twice), [{ ...again, took: 12 }, run(other.name)])
  t.equal(twice.slice(0, text.length), text)
})

t.test('every long suite is in the list, and every run is that of one', async (t) => {
  const files = globSync('*.long.ts', { cwd: join(root, 'test/cluster') })
  const names = longSuites.map(({ name }) => name)
  t.same(names.toSorted(), files.map((file) => basename(file, '.long.ts')).sort())
  for (const { suite } of readRuns(page)) t.ok(names.includes(suite), suite)
})
