import { globSync, readFileSync } from 'node:fs'
import { basename, join, matchesGlob } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { allTests, type Group, groupOf, groups, isOfProcesses, isSlow } from '../together/groups.ts'
import { importsOf } from './imports.ts'
import { loaded } from './loaded.ts'

const root = join(import.meta.dirname, '../..')

// a browser is a process too
const starters = ['node:child_process', 'playwright-core']

// it has a shell read a line, and runs nothing
const harmless = ['packages/testing/src/remedies/remedy-lines.ts']

t.test('only a file that is called *.process.test.ts starts a process, and each of them does', async (t) => {
  const starts = (file: string): boolean =>
    [...loaded(file)].some(
      (one) =>
        !harmless.includes(one) &&
        importsOf(readFileSync(join(root, one), 'utf8')).some(({ specifier = '' }) => starters.includes(specifier))
    )
  const processTests = allTests().filter(isOfProcesses)
  t.same(
    allTests().filter((file) => !isOfProcesses(file) && starts(file)),
    []
  )
  t.same(
    processTests.filter((file) => !starts(file)),
    []
  )
  t.ok(processTests.length > 0)
})

t.test('each test is in a group', async (t) => {
  const files = allTests()
  t.ok(files.length > 500)
  t.same(
    files.filter((file) => groupOf(file) === undefined),
    []
  )
  const used = new Set(files.map(groupOf))
  t.same(
    Object.keys(groups).filter((group) => !used.has(group as Group)),
    [],
    'no group is empty'
  )
})

t.test('either test or test:slow runs a group, and test:fast some of those of test', async (t) => {
  const { include } = parse(readFileSync(join(root, '.taprc'), 'utf8')) as { include: string[] }
  const [slow, fast] = [packageJson.scripts['test:slow'], packageJson.scripts['test:fast']].map((script) =>
    script.split(' ').slice(2)
  )
  for (const group of Object.keys(groups) as Group[]) {
    const runs = (globs: string[] = []) => globs.some((glob) => matchesGlob(`test/together/${group}.test.ts`, glob))
    t.same({ test: runs(include), slow: runs(slow) }, { test: !isSlow(group), slow: isSlow(group) }, group)
    t.equal(runs(fast), group.startsWith('units-'), group)
  }
})

t.test('each group of tests has its file, which runs it', async (t) => {
  const files = globSync('test/together/*.test.ts', { cwd: root })
  t.same(files.map((file) => basename(file, '.test.ts')).sort(), Object.keys(groups).sort())
  for (const file of files) {
    t.match(readFileSync(join(root, file), 'utf8'), `runTogether('${basename(file, '.test.ts')}')`, file)
  }
})
