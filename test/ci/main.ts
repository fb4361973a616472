import { readFileSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { settingsOf } from '../cluster/bed/settings.ts'
import { keepReceipts } from '../cluster/receipts/receipts-file.ts'
import { loadsOf } from '../layout/loaded.ts'
import { commitOf } from './git.ts'
import { runCi } from './run.ts'
import { minutesForReplays, minutesForSuites, rows } from './steps.ts'

/**
 * `.ci/run` from its second step on. Its arguments: when it began, in seconds since 1970; the exit status of `check`, and the file
 * with what that printed. A signal ends the run, but its last words are said.
 */
const [begun = '', status = '', log = ''] = process.argv.slice(2)
const root = join(import.meta.dirname, '../..')
const { cache } = settingsOf(process.env, new Date())
const elapsed = (): number => (Date.now() / 1000 - Number(begun)) / 60

const ending = new AbortController()
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.abort())

try {
  const checked = readFileSync(log, 'utf8')
  rmSync(log)
  const exitCode = await runCi({
    root,
    rows,
    played: { check: { isGreen: status === '0', stdout: checked, output: checked } },
    commandOf: (script) => ['npx', '-y', packageJson.packageManager, script],
    // it ends all that the file has started
    again: (file, seconds) => [
      ...['timeout', '--signal=KILL', `${seconds}`],
      ...[join(root, 'node_modules/.bin/tap'), '--disable-coverage', file]
    ],
    loads: loadsOf,
    env: () => ({ ...process.env, JOINERY_SUITES_WITHIN: `${minutesForSuites(elapsed())}` }),
    secondsLeft: () => minutesForReplays(elapsed()) * 60,
    memory: join(cache, 'flakes.json'),
    commit: commitOf(root),
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? 0,
    proved: () => keepReceipts(cache),
    signal: ending.signal,
    say: (text) => process.stdout.write(text)
  })
  // what a signal has ended may take its time, and shall say no more
  process.exit(exitCode)
} catch (error) {
  console.log(error)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
}
