import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Ci } from './ci.ts'
import { ledgerEntry } from './flakes/ledger.ts'
import { cleanEnvironment, madeProject, tapCommand } from './made-project.ts'
import { runCi } from './run.ts'

const flaky = 'test/flaky.test.ts'

/** Fails when it is played for the first time. */
const byChance = `import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
t.test('a flaky test', async (t) => {
  const wasPlayed = existsSync('played')
  writeFileSync('played', '')
  t.ok(wasPlayed, 'what it waits for is there')
})`

/** A command that prints what tap does: these files pass, or fail. */
const played = (result: 'ok' | 'not ok', ...files: string[]): string[] => {
  const lines = files.flatMap((file, at) => [
    `# Subtest: ${file}`,
    '    # Subtest: a flaky test',
    `    ${result} 1 - a flaky test`,
    `${result} ${at + 1} - ${file}`
  ])
  const totals = `# { total: ${files.length}, pass: ${result === 'ok' ? files.length : 0}, fail: ${result === 'ok' ? 0 : files.length} }`
  return ['sh', '-c', `printf '%s\\n' "$@"; exit ${result === 'ok' ? 0 : 1}`, 'sh', ...lines, totals]
}

/** A project with some test files, which are all that its CI plays. If nothing else is said, each fails, and passes by itself. */
const project = (t: Test, ...names: string[]) => {
  const folder = madeProject(t, Object.fromEntries(names.map((name) => [name, byChance])))
  const [ledger, memory] = [join(folder, 'test/flakes.md'), join(folder, 'cache/flakes.json')]
  writeFileSync(ledger, '')
  mkdirSync(join(folder, 'test/together'))
  writeFileSync(join(folder, 'test/together/all.test.ts'), '')
  const files = names.map((name) => `test/${name}.test.ts`)
  const run = async (changes: Partial<Ci> = {}) => {
    let [printed, isProved] = ['', false]
    const status = await runCi({
      root: folder,
      rows: [[{ script: 'test', files: ['test/*.test.ts'] }]],
      played: {},
      commandOf: () => played('not ok', ...files),
      again: (file) => played('ok', file),
      loads: () => [],
      env: cleanEnvironment,
      secondsLeft: () => 600,
      memory,
      commit: '12345678',
      date: '2026-12-01',
      load: 1,
      proved: async () => {
        isProved = true
      },
      signal: new AbortController().signal,
      say: (text) => {
        printed += text
      },
      ...changes
    })
    return { status, printed, isProved, last: printed.trimEnd().split('\n').slice(-2) }
  }
  return { files, folder, ledger, memory, run }
}

t.test('a flake passes once, is asked for until the ledger has it, and is red if it fails then', async (t) => {
  const { files, ledger, run } = project(t, 'flaky')
  const first = await run({ commandOf: () => tapCommand(...files), again: (file) => tapCommand(file) })
  t.equal(first.status, 0)
  t.same(first.last, [`flakes: ${flaky} (1)`, '1 passed, 0 failed'])
  t.match(first.printed, `== FLAKE ${flaky}`)
  const both =
    /It failed:[\s\S]*not ok 1 - what it waits for is there[\s\S]*It passed:[\s\S]* ok 1 - what it waits for is there/
  t.match(first.printed, both)

  const second = await run()
  t.equal(second.status, 1)
  t.match(second.printed, `FAILED ${flaky}: it passed so at 12345678 on 2026-12-01`)
  t.notMatch(second.printed, '== once more')
  t.same(second.last, ['flakes: none (0)', '0 passed, 2 failed'])

  const steady = { commandOf: () => played('ok', flaky) }
  const unnamed = await run(steady)
  t.equal(unnamed.status, 1, 'also if it does not fail')
  t.match(unnamed.printed, `${flaky} passed only when played again, at 12345678 on 2026-12-01`)
  t.match(unnamed.printed, both, 'with what it printed then')

  writeFileSync(ledger, ledgerEntry({ name: flaky, commit: '', date: '', first: '', again: '' }).line)
  t.equal((await run(steady)).status, 0, 'the ledger has it')
  const named = await run()
  t.equal(named.status, 1)
  t.match(named.printed, `FAILED ${flaky}: test/flakes.md has ${flaky}`)

  writeFileSync(ledger, '')
  t.equal((await run(steady)).status, 0, 'its cause is gone')
  t.equal((await run()).status, 0, 'so it may be a flake once more')
})

t.test('only a run that was green without a flake proves what it played', async (t) => {
  const { run } = project(t, 'flaky')
  t.ok((await run({ commandOf: () => played('ok', flaky) })).isProved)
  t.notOk((await run({ again: () => played('not ok', flaky) })).isProved, 'red')
  const { status, isProved } = await run()
  t.same({ status, isProved }, { status: 0, isProved: false }, 'a flake')
})

t.test('a file of a group is played by itself, and with its group', async (t) => {
  const group = 'test/together/all.test.ts'
  const { run } = project(t)
  const asGroup = (result: 'ok' | 'not ok'): string[] => {
    const inner = `# tests of ${flaky}\n    # Subtest: a flaky test\n    ${result} 1 - a flaky test\n    # those were all files`
    return played(result, group).map((line) =>
      line === `    ${result} 1 - a flaky test`
        ? `    ${inner}`
        : line.replace(/^# \{/, '  ---\n  exitCode: 1\n  ...\n# {')
    )
  }
  const changes = (again: 'ok' | 'not ok'): Partial<Ci> => ({
    rows: [[{ script: 'test', files: ['test/together/*.test.ts'] }]],
    commandOf: () => asGroup('not ok'),
    again: (file) => (file === group ? asGroup(again) : played('ok', file))
  })
  const red = await run(changes('not ok'))
  t.equal(red.status, 1)
  t.match(red.printed, `FAILED ${flaky}: it failed again in ${group}`)
  t.same((await run(changes('ok'))).last, [`flakes: ${flaky} (1)`, '1 passed, 0 failed'])
})

t.test('two flakes pass, and three are red', async (t) => {
  const three = project(t, 'one', 'three', 'two')
  const red = await three.run()
  t.equal(red.status, 1)
  t.match(red.printed, 'FAILED test/three.test.ts: 3 files failed')
  t.notOk(existsSync(three.memory), 'none of them has passed so')
  const { last } = await project(t, 'one', 'two').run()
  t.same(last, ['flakes: test/one.test.ts, test/two.test.ts (2)', '2 passed, 0 failed'])
})

t.test('what a rule refuses is not played again, and stays failed', async (t) => {
  const { files, folder, run } = project(t, 'flaky')
  const rows: [string, changes: Partial<Ci>, why: string][] = [
    ['it draws its input', { loads: () => ['fast-check'] }, 'its input is drawn'],
    ['no time', { secondsLeft: () => 0 }, 'there was no time'],
    ['no memory', { memory: join(folder, 'package.json/flakes.json') }, 'no flake passes that cannot be remembered'],
    ['ended by a signal', { signal: AbortSignal.abort() }, 'the run was ended'],
    ['no command', { commandOf: () => [join(folder, 'none')], again: () => ['none'] }, 'ENOENT'],
    ['it fails again', { again: () => played('not ok', ...files) }, 'it failed again']
  ]
  for (const [row, changes, why] of rows) {
    const { status, printed, last } = await run(changes)
    t.equal(status, 1, row)
    t.match(printed, why, row)
    t.match(last[1], /^\d+ passed, [1-9]\d* failed$/, row)
  }
})

t.test('steps run beside each other, and not without what they need', async (t) => {
  const { run } = project(t)
  const { status, printed, last } = await run({
    rows: [[{ script: 'package' }, { script: 'beside' }], [{ script: 'more', needs: 'package' }], [{ script: 'last' }]],
    commandOf: (script) => ({ package: ['false'], beside: ['echo', 'done'] })[script] ?? ['true']
  })
  t.equal(status, 1)
  const told = '== pnpm package\n== pnpm beside\ndone\nmore needs package: not run\n== pnpm last\n'
  t.ok(printed.startsWith(told), { printed })
  t.same(last, ['flakes: none (0)', '2 passed, 1 failed'])
})

t.test('a run that is ended while it plays says its last words', async (t) => {
  const { run } = project(t)
  const ending = new AbortController()
  let printed = ''
  const { status } = await run({
    signal: ending.signal,
    rows: [[{ script: 'one' }], [{ script: 'two' }]],
    commandOf: () => ['sh', '-c', 'echo begun; exec sleep 600'],
    say: (text) => {
      printed += text
      if (text === 'begun\n') ending.abort()
    }
  })
  t.equal(status, 1)
  t.notMatch(printed, 'pnpm two')
  t.match(printed, /the run was ended before its end\n[\s\S]*\n0 passed, 2 failed\n$/)
})
