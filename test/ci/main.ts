import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { settingsOf } from '../cluster/bed/settings.ts'
import { runCi } from './run.ts'
import { rows } from './steps.ts'

/**
 * `.ci/run` from its second step on. Its arguments: when it began, in seconds since 1970; the exit status of `check`, and the file
 * with what that printed. A signal ends the run, but its last words are said.
 */
const [begun = '', status = '', log = ''] = process.argv.slice(2)
const root = join(import.meta.dirname, '../..')
const ending = new AbortController()
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.abort())
const seed = randomInt(2 ** 31)

try {
  const checked = readFileSync(log, 'utf8')
  rmSync(log)
  const minutes = (Date.now() / 1000 - Number(begun)) / 60
  const exitCode = await runCi({
    root,
    rows,
    check: { isGreen: status === '0', stdout: checked, output: checked, minutes },
    commandOf: (script) => ['npx', '-y', packageJson.packageManager, script],
    again: (file) => [join(root, 'node_modules/.bin/tap'), '--disable-coverage', file],
    env: { ...process.env, JOINERY_SEED: `${seed}` },
    seed,
    memory: join(settingsOf(process.env, new Date()).cache, 'flakes.md'),
    commit: execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    date: new Date().toISOString().slice(0, 10),
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
