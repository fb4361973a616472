import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cleanEnvironment } from '@joinery/testing/processes/clean-environment'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { allCommands } from '../readme-commands.ts'
import { ledgerLine, neverAgain } from './flakes.ts'
import { madeProject, tapCommand } from './made-project.ts'
import { type Ci, runCi } from './run.ts'
import { rows } from './steps.ts'

const root = resolve(import.meta.dirname, '../..')
const flaky = 'test/flaky.test.ts'

/** Fails when it is played for the first time in a folder. */
const byChance = `import { existsSync, writeFileSync } from 'node:fs'
t.test('a flaky test', async (t) => {
  const wasPlayed = existsSync('played')
  writeFileSync('played', '')
  t.ok(wasPlayed, 'what it waits for is there')
})`

/** A project whose CI plays these test files, and one step beside them. */
const project = (t: Test, files: Readonly<Record<string, string>>) => {
  const folder = madeProject(t, files)
  const ledger = join(folder, 'test/flakes.md')
  writeFileSync(ledger, '')
  const names = Object.keys(files).map((name) => `test/${name}.test.ts`)
  const run = async (changes: Partial<Ci> = {}) => {
    let printed = ''
    const status = await runCi({
      root: folder,
      rows: [[{ script: 'test', files: ['test/*.test.ts'] }, { script: 'package' }], [{ script: 'more' }]],
      check: { isGreen: true, stdout: '', output: '', minutes: 0 },
      commandOf: (script) => (script === 'test' ? tapCommand(...names) : ['true']),
      again: (file) => tapCommand(file),
      env: cleanEnvironment(),
      seed: 7,
      memory: join(folder, 'cache/flakes.md'),
      commit: '12345678',
      date: '2026-12-01',
      signal: new AbortController().signal,
      say: (text) => {
        printed += text
      },
      ...changes
    })
    return { status, printed, last: printed.trimEnd().split('\n').at(-1) }
  }
  return { folder, ledger, run }
}

t.test('a flake passes once, and each later run is red until the ledger names it', async (t) => {
  const { folder, ledger, run } = project(t, { flaky: byChance })
  const first = await run()
  t.same([first.status, first.last], [0, '4 passed, 0 failed'])
  const line = ledgerLine({ name: flaky, commit: '12345678', date: '2026-12-01', seed: 7 })
  t.match(first.printed, line)

  const second = await run()
  t.equal(second.status, 1, 'also if nothing fails')
  t.match(second.printed, 'a flake of before: name it in test/flakes.md')
  t.match(second.printed, line)

  writeFileSync(join(folder, 'cache/flakes.md'), '')
  writeFileSync(ledger, line)
  t.equal((await run()).status, 0, 'the ledger has it')
  const fails = tapCommand(flaky).map((word) => (word === flaky ? 'test/none.test.ts' : word))
  t.match(await run({ commandOf: () => fails }), {
    status: 1,
    printed: `FAILED ${flaky}: ${flaky} has failed by chance before`
  })
})

t.test('what is no chance stays failed', async (t) => {
  const bad = `t.test('bad', async (t) => { t.ok(false, 'never') })`
  const rows: [string, files: Record<string, string>, changes: Partial<Ci>, why: string][] = [
    ['it fails again', { bad }, {}, 'it failed again'],
    ['three files fail', { a: bad, b: bad, c: bad }, {}, '3 files failed'],
    ['it was ended', { bad }, { signal: AbortSignal.abort() }, 'the run was ended'],
    ['no command', { bad }, { commandOf: () => ['none'], again: () => ['none'] }, 'ENOENT'],
    ['a step without tests fails', { fine: '' }, { commandOf: () => ['false'], again: () => ['true'] }, 'pnpm package'],
    ['check fails', {}, { check: { isGreen: false, stdout: '', output: 'types', minutes: 0 } }, 'pnpm check\ntypes']
  ]
  for (const [row, files, changes, why] of rows) {
    const { status, printed, last } = await project(t, files).run(changes)
    t.equal(status, 1, row)
    t.match(printed, why, row)
    t.match(last, /^\d+ passed, [1-9]\d* failed$/, row)
  }
})

t.test('a failure about a promise is never played again', async (t) => {
  const rows: [file: string, failure: string, isRefused: boolean][] = [
    ['test/journeys/worker/worker.test.ts', 'a machine joins', false],
    ['test/journeys/worker/worker.test.ts', 'a code is used twice', true],
    ['test/faults/faults.process.test.ts', 'an episode', true],
    ['test/cluster/contract.cluster.ts', 'a row', true],
    ['packages/server/test/core/enrolment/csr/csr-guard.test.ts', 'a row', true]
  ]
  for (const [file, failure, isRefused] of rows)
    t.equal(neverAgain([file], [failure]) !== undefined, isRefused, `${file} ${failure}`)
})

t.test('the steps of CI are commands of the README, and play the files that their scripts play', async (t) => {
  const pnpm = `npx -y ${packageJson.packageManager} `
  const commands = allCommands(readFileSync(join(root, 'README.md'), 'utf8'))
  const scripts: Readonly<Record<string, string>> = packageJson.scripts
  for (const { script, files = [] } of rows.flat()) {
    t.ok(commands.includes(`${pnpm}${script}`), script)
    const named = (scripts[script] ?? '').split(' ').filter((word) => word.includes('*'))
    if (named.length > 0) t.same(files, named, script)
  }
})

/** Starts `.ci/run` of a tree with these programs in place of the host's own. Stops it by a signal once it says `until`. */
const runScript = async (t: Test, tree: string, programs: Readonly<Record<string, string>>, until = 'never') => {
  const files = Object.entries(programs).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`])
  const folder = t.testdir({ bin: Object.fromEntries(files), project: { 'package.json': '{}', '.ci': {} } })
  for (const [name = ''] of files) chmodSync(join(folder, 'bin', name), 0o755)
  cpSync(join(root, '.ci/run'), join(folder, 'project/.ci/run'))
  const env = { ...cleanEnvironment(), PATH: `${folder}/bin:${process.env.PATH}`, JOINERY_BED: join(folder, 'cache') }
  // in a group of its own, which ends with the test: what goes on alone would play the steps for real
  const child = spawn(join(tree === '' ? join(folder, 'project') : tree, '.ci/run'), { env, detached: true })
  t.teardown(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {
      // it has ended
    }
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.includes(until)) child.kill()
  })
  const [status] = await once(child, 'close')
  return { status, last: output.trimEnd().split('\n').at(-1) }
}

t.test('a run that cannot begin, or that a signal ends, says its last words', async (t) => {
  const [dpkg, node] = ['echo amd64', `echo ${packageJson.packageManager}`]
  const waits = '[ "$3" = check ] || exec sleep 600'
  const rows: [string, tree: string, Record<string, string>, last: RegExp, until?: string][] = [
    ['no packages', '', { dpkg: '[ "$1" != --status ] && echo amd64', 'apt-get': 'exit 1' }, /^0 passed, 1 failed$/],
    ['no name of pnpm', '', { dpkg, node: 'exit 1' }, /^0 passed, 1 failed$/],
    ['no installation', '', { dpkg, node, npx: 'exit 1' }, /^0 passed, 1 failed$/],
    ['nothing is seen to pass', root, { dpkg, node, npx: 'echo "$@"' }, /^2 passed, [1-9]\d* failed$/],
    ['a signal', root, { dpkg, node, npx: waits }, /^1 passed, [1-9]\d* failed$/, '-- pnpm test begins']
  ]
  for (const [row, tree, programs, last, until] of rows) {
    const ended = await runScript(t, tree, programs, until)
    t.equal(ended.status, 1, row)
    t.match(ended.last, last, row)
  }
})
