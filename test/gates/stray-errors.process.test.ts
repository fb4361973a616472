import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const quickStart = join(import.meta.dirname, '../quick-start.cjs')

const strayed = `
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
const fails = (words) => { throw new Error(words) }
const ever = () => new Promise(() => {})
t.test('timer', async () => { setTimeout(fails, 1, 'of a timer'); await ever() })
t.test('promise', async () => { void pause(1).then(() => fails('of a promise')); await ever() })
t.test('listener', async () => {
  const server = createServer(() => fails('of a listener'))
  await new Promise((resolve) => server.listen(0, resolve))
  connect(server.address().port).unref()
  await ever()
})
t.test('parent', async (t) => {
  t.test('child', async () => { setImmediate(fails, 'of a child'); await ever() })
})
t.test('fine', async (t) => t.pass('fine'))
t.test('end', async () => process.exit(1))
`

t.test('an error that nobody catches fails the test that it comes from', async (t) => {
  const file = join(t.testdir({ 'strayed.mjs': strayed }), 'strayed.mjs')
  const env = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--require', quickStart, file], { env }, (_, stdout) => resolve(stdout))
  })
  for (const [name, words] of ['timer', 'promise', 'listener', 'child'].map((name) => [name, `of a ${name}`] as const))
    t.match(output, new RegExp(`# Subtest: ${name}\\n +not ok 1 - ${words}\\n`), name)
  t.match(output, /^ok \d - fine/m)
})
