import { execFile } from 'node:child_process'
import { cleanEnvironment } from '@joinery/testing/processes/clean-environment'
import t from 'tap'
import { madeProject, tapCommand } from './made-project.ts'
import { failuresIn, readLog } from './read-log.ts'

/** Test files, and a group as `test/together` has them. */
const files = {
  fine: `t.test('fine', async (t) => { t.ok(true) })`,
  bad: `t.test('sound', async (t) => { t.ok(true) })
t.test('bad', async (t) => { await t.test('inner', async (t) => { t.equal(1, 2, 'one is two') }) })`,
  logs: `t.test('logs', async (t) => { t.equal('\\nnot ok 1 - test/none.test.ts\\n', '', 'no log') })`,
  waived: `t.test('skipped', { skip: 'no openssl' }, async () => {})
t.test('to do', { todo: 'later' }, async (t) => { t.ok(false) })`,
  broken: `import './nowhere.ts'`,
  hangs: `t.setTimeout(500)
t.test('hangs', async () => { await new Promise((resolve) => setTimeout(resolve, 60_000)) })`,
  killed: `t.test('killed', async (t) => { t.ok(true); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}) })`,
  group: `t.comment('tests of test/fine.test.ts')
await import('./fine.test.ts')
t.comment('tests of test/bad.test.ts')
await import('./bad.test.ts')`
}
type Name = keyof typeof files

const outputOf = (cwd: string, file: string): Promise<string> =>
  new Promise((resolve) => {
    const [program = '', ...words] = tapCommand(file)
    execFile(program, words, { cwd, env: cleanEnvironment() }, (_error, stdout) => resolve(stdout))
  })

t.test('what the real tap prints is read: which files passed, and what failed in the others', async (t) => {
  const rows: [name: Name, hasPassed: boolean, failures: RegExp[]][] = [
    ['fine', true, []],
    ['bad', false, [/^one is two/, /^inner/, /^bad/]],
    ['logs', false, [/^no log/, /^logs/]],
    ['waived', true, []],
    ['broken', false, []],
    ['hangs', false, [/timeout!|hangs/]],
    ['killed', false, []]
  ]
  const folder = madeProject(t, files)
  for (const [name, hasPassed, failures] of rows) {
    const file = `test/${name}.test.ts`
    const log = readLog(await outputOf(folder, file))
    t.equal(log.files.has(file), hasPassed, name)
    const found = log.failures.get(file) ?? []
    t.ok(found.every((one) => one.file === file))
    t.notOk(log.failures.has('test/none.test.ts'))
    for (const failure of failures)
      t.ok(
        found.some((one) => failure.test(one.name)),
        `${name}: ${failure}`
      )
    if (hasPassed) t.same(found, [], name)
  }
})

t.test('a failure of a group has the name of its file, and totals are counted', async (t) => {
  const log = readLog(await outputOf(madeProject(t, files), 'test/group.test.ts'))
  t.same([...new Set(log.failures.get('test/group.test.ts')?.map(({ file }) => file))], ['test/bad.test.ts'])
  t.match(log, { passed: Number, failed: Number, runs: 1 })
  t.ok(log.passed >= 2 && log.failed >= 1, `${log.passed} ${log.failed}`)
})

t.test('the failures of an output are shown with their diagnostics, or else its end', async (t) => {
  const lines = ['ok 1 - fine', 'not ok 2 - bad', '  ---', '  at: here', '  ...', 'ok 3 - fine']
  t.equal(failuresIn(lines.join('\n')), lines.slice(1, 5).join('\n'))
  t.equal(failuresIn('it ended\nby itself\n'), 'it ended\nby itself')
})
