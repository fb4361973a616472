import { spawnSync } from 'node:child_process'
import t, { type Test } from 'tap'
import { cleanEnvironment, madeProject, tapCommand } from '../made-project.ts'
import { failedFiles } from './failed-files.ts'
import { type Log, nextFile, noMoreFiles, readLog } from './read-log.ts'

/** Tests as they are written in files of their own. */
const tests = {
  fine: `t.test('fine', async (t) => { t.ok(true) })`,
  bad: `t.test('sound', async (t) => { t.ok(true) })
t.test('bad', async (t) => { await t.test('inner', async (t) => { t.equal(1, 2, 'one is two') }) })
t.test('after it', async (t) => { t.ok(true) })`,
  logs: `t.test('logs', async (t) => { t.equal('\\nnot ok 1 - test/none.test.ts\\n', '', 'no log') })`,
  waived: `t.test('skipped', { skip: 'no openssl' }, async () => {})
t.test('to do', { todo: 'later' }, async (t) => { t.ok(false) })`,
  broken: `import './nowhere.ts'`,
  hangs: `t.setTimeout(500)
t.test('hangs', async () => { await new Promise((resolve) => setTimeout(resolve, 60_000)) })`,
  killed: `t.test('killed', async (t) => { t.ok(true); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}) })`,
  leaves: `t.test('leaves', async (t) => { t.ok(true); process.exit(1) })`,
  bails: `t.test('bails', async (t) => { t.bailout('the disk is full') })`
}
type Name = keyof typeof tests

/** A group as `test/together` has them: it says whose tests come next. */
const group = (names: readonly Name[]): string =>
  [
    ...names.flatMap((name) => [
      `t.comment('${nextFile(`test/${name}.test.ts`)}')`,
      `await import('./${name}.test.ts')`
    ]),
    `t.comment('${noMoreFiles}')`
  ].join('\n')

const pathOf = (name: string): string => `test/${name}.test.ts`

/** A failed file, without its output, that tap ran in this process. */
const failedFile = (process: string, name: string, tests: string[], failures: string[], others: Name[] = []) => ({
  file: pathOf(name),
  process: pathOf(process),
  isLost: false,
  suspects: [name, ...others].map(pathOf),
  tests,
  failures
})

/** What the real tap prints when it plays these files, one after the other. */
const logOf = (t: Test, groups: Record<string, readonly Name[]>, ...names: Name[]): { log: Log; planned: string[] } => {
  const all = { ...tests, ...Object.fromEntries(Object.entries(groups).map(([name, of]) => [name, group(of)])) }
  const planned = [...Object.keys(groups), ...names].map((name) => `test/${name}.test.ts`)
  const [program = '', ...words] = tapCommand(...planned)
  const options = { cwd: madeProject(t, all), env: cleanEnvironment(), encoding: 'utf8' } as const
  const { stdout } = spawnSync(program, words, options)
  return { log: readLog(stdout), planned }
}

t.test('each file that tap did not see pass has failed, with what failed in it', async (t) => {
  const groups = { all: ['fine', 'bad', 'logs', 'waived'], cut: ['bad', 'broken', 'fine'] } as const
  const { log, planned } = logOf(t, groups, 'hangs', 'killed', 'leaves', 'waived')
  const failed = failedFiles(log, planned)
  t.match(failed.find(({ file }) => file === 'test/bad.test.ts')?.output, /not ok 1 - one is two\n[\s\S]*lineNumber: 3/)
  const cause = log.files.get('test/cut.test.ts')?.parts.at(-1)?.failures[0] ?? ''
  t.match(cause, 'Cannot find module')
  const bad = ['one is two', 'inner', 'bad']
  t.same(
    failed.map(({ output, ...one }) => one),
    [
      // of a group that ran to its end, the files that failed
      failedFile('all', 'bad', ['bad'], bad),
      failedFile('all', 'logs', ['logs'], ['no log', 'logs']),
      // of one that was cut off, the group: nobody ran the others
      failedFile('cut', 'cut', ['bad'], [...bad, cause], ['bad', 'broken']),
      failedFile('hangs', 'hangs', ['hangs'], ['timeout!', 'hangs']),
      failedFile('killed', 'killed', ['killed'], []),
      failedFile('leaves', 'leaves', ['leaves'], ['test unfinished']),
      // tap said that the time was over in place of its result
      { ...failedFile('waived', 'waived', [], []), isLost: true }
    ]
  )
  t.same([log.runs, log.own, log.leftOut], [1, [], []])
})

t.test('when tap is told to stop, no file has passed that it did not run', async (t) => {
  const { log, planned } = logOf(t, {}, 'bails', 'fine')
  t.same(
    failedFiles(log, planned).map(({ file }) => file),
    planned
  )
})
