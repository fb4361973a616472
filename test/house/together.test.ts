import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { groupOf, groups, isOfProcesses, testsTogether } from '../together/groups.ts'
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
  const processTests = globSync(['packages/*/test/**/*.process.test.ts', 'test/**/*.process.test.ts'], { cwd: root })
  t.same(
    testsTogether().filter((file) => !isOfProcesses(file) && starts(file)),
    []
  )
  t.same(
    processTests.filter((file) => !starts(file)),
    []
  )
  t.ok(processTests.length > 0)
})

t.test('tap runs each test once: in a group, or alone', async (t) => {
  const { include } = parse(readFileSync(join(root, '.taprc'), 'utf8')) as { include: string[] }
  const own = globSync(include, { cwd: root }).filter((file) => !file.startsWith('test/together/'))
  const all = globSync(['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], {
    cwd: root,
    exclude: ['test/together/**']
  })
  t.same([...own, ...testsTogether()].sort(), all.sort())
  t.same(
    testsTogether().filter((file) => groupOf(file) === undefined),
    []
  )
})

t.test('each group of tests has its file, which runs it', async (t) => {
  const files = globSync('test/together/*.test.ts', { cwd: root })
  t.same(files.map((file) => basename(file, '.test.ts')).sort(), Object.keys(groups).sort())
  for (const file of files) {
    t.match(readFileSync(join(root, file), 'utf8'), `runTogether('${basename(file, '.test.ts')}')`, file)
  }
})
