import { appendFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import packageJson from '../../package.json' with { type: 'json' }
import { commitOf } from './git.ts'
import { countOf, resultOf } from './log/result.ts'
import { play } from './play.ts'
import { runLine } from './runs.ts'
import { rows } from './steps.ts'

/**
 * `node_modules/.bin/node test/ci/soak.ts [N] [--busy]`: plays `pnpm test` N times, and adds a line for each to `test/runs.md`. With
 * `--busy` a thread of its own keeps one core busy meanwhile. Ends 1 if a run failed.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { busy: { type: 'boolean' } } })
const root = join(import.meta.dirname, '../..')
const step = rows.flat().find(({ script }) => script === 'test')
if (step === undefined) throw new Error('CI has no step that is called test')

const busy = values.busy ? new Worker('for (;;);', { eval: true }) : undefined
for (let left = Number(positionals[0] ?? 1); left > 0; left -= 1) {
  const [load = 0] = loadavg()
  const played = await play(['npx', '-y', packageJson.packageManager, step.script], {
    cwd: root,
    env: process.env,
    signal: new AbortController().signal,
    show: (text) => process.stdout.write(text)
  })
  const result = resultOf(root, step, played)
  const line = runLine({
    what: values.busy ? '`pnpm test`, beside a busy process' : '`pnpm test`',
    commit: commitOf(root),
    date: new Date().toISOString().slice(0, 10),
    load,
    ...countOf(result),
    flakes: 0
  })
  appendFileSync(join(root, 'test/runs.md'), `${line}\n`)
  console.log(line)
  if (!result.isGreen) process.exitCode = 1
}
await busy?.terminate()
