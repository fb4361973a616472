import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const main = join(import.meta.dirname, 'main.ts')

/** In milliseconds. It takes 15 s where nothing else is at work; the limit is for what hangs. */
const patience = 230_000
t.setTimeout(patience + 10_000)

/** One that is always the same, and one of its own. */
const seeds = [1, Math.floor(Math.random() * 1e9)]

t.test('a server that is killed while its cluster and its disk fail keeps the rules', async (t) => {
  const words = [main, ...seeds.flatMap((seed) => ['--seed', `${seed}`]), '--seconds', '3']
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: patience })
  t.comment(stdout)
  t.equal(status, 0, `seeds ${seeds.join(', ')}\n${stdout}${stderr}`)
  t.match(stdout, /^# \{ total: 2, pass: 2, fail: 0 \}$/m)
})
