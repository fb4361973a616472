import t from 'tap'
import { CommandError, exec } from '../src/exec.ts'

const failure = (promise: Promise<unknown>): Promise<CommandError> =>
  promise.then(
    () => t.fail('the command was to fail') as never,
    (error) => error
  )

t.test('a command gives its standard output', async (t) => {
  t.equal(await exec(['printf', '%s', 'a b']), 'a b')
})

t.test('a command reads its given input, or nothing', async (t) => {
  t.equal(await exec(['cat'], { input: '*nat\nCOMMIT\n' }), '*nat\nCOMMIT\n')
  t.equal(await exec(['cat']), '')
  await t.resolves(exec(['true'], { input: 'x'.repeat(1_000_000) }), 'also one that does not read it')
})

t.test('no shell reads the arguments', async (t) => {
  t.equal(await exec(['printf', '%s', '$HOME; `id` > x']), '$HOME; `id` > x')
})

t.test('a command gets only PATH, the C locale and its given variables', async (t) => {
  process.env.AGENT_SECRET = 'x'
  t.teardown(() => delete process.env.AGENT_SECRET)
  const names = (await exec(['env'], { env: { NOTIFY_SOCKET: '/run/n' } }))
    .split('\n')
    .map((line) => line.split('=')[0])
  for (const given of ['PATH', 'LC_ALL', 'NOTIFY_SOCKET']) t.ok(names.includes(given), given)
  for (const kept of ['AGENT_SECRET', 'HOME', 'USER']) t.notOk(names.includes(kept), kept)
})

t.test('a command without input does not wait for it', async (t) => {
  t.equal(await exec(['cat'], { timeout: 5_000 }), '')
})

t.test('an error keeps argv, exit status and both streams', async (t) => {
  const error = await failure(exec(['sh', '-c', 'echo out; echo err >&2; exit 3']))
  t.type(error, CommandError)
  t.same(error.argv, ['sh', '-c', 'echo out; echo err >&2; exit 3'])
  t.equal(error.code, 3)
  t.equal(error.output, 'out\nerr')
  t.match(error.message, /exit status 3: out\nerr$/)
})

t.test('a missing command has an error of its own', async (t) => {
  const error = await failure(exec(['no-such-command-here']))
  t.equal(error.code, 'ENOENT')
  t.equal(error.message, 'no-such-command-here: there is no command no-such-command-here')
})

t.test('a command that does not end is killed and says so', async (t) => {
  const error = await failure(exec(['sleep', '60'], { timeout: 50 }))
  t.equal(error.code, 'ETIMEDOUT')
  t.equal(error.message, 'sleep 60: took too long')
})

t.test('the error of a command that was killed names the signal', async (t) => {
  t.equal((await failure(exec(['sh', '-c', 'kill -TERM $$']))).code, 'SIGTERM')
})

t.test('a command that prints without end is stopped', async (t) => {
  const error = await failure(exec(['yes'], { timeout: 20_000 }))
  t.equal(error.code, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
  t.ok(error.output.length < 1024 * 1024)
  t.ok(error.message.length < 2000)
})
