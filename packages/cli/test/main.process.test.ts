import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { enrolment } from '@joinery/testing/command/fixtures'
import { serveOperators } from '@joinery/testing/command/operators'
import { program } from '@joinery/testing/processes/program'
import t from 'tap'

const main = program('packages/cli/src/main.ts')

/** Without what the environment of the tests says about colours. */
const { NO_COLOR: _, FORCE_COLOR: __, ...environment } = process.env

const startIn = (env: NodeJS.ProcessEnv, ...words: string[]) =>
  spawn(process.execPath, [main, ...words], { env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
const start = (...words: string[]) => startIn({}, ...words)

t.test('the command keeps data and messages apart and gives its exit code', async (t) => {
  const { socket } = await serveOperators(t, { list: () => ({ items: [enrolment] }) })
  const list = start('--socket', socket, 'list')
  const [out, err, [exitCode]] = await Promise.all([text(list.stdout), text(list.stderr), once(list, 'close')])
  t.match(out, /^NAME .*\nnode-1 +pending /)
  t.equal(err, `Next: joinery --socket ${socket} approve node-1\n`)
  t.equal(exitCode, 0)

  const retry = start('--socket', socket, 'retry', 'node-9', '--yes')
  const [problem, [failed]] = await Promise.all([text(retry.stderr), once(retry, 'close')])
  t.equal(problem, 'error: no enrolment is called node-9 (not-found)\n')
  t.equal(failed, 3)
})

t.test('FORCE_COLOR gives colours without a terminal, and NO_COLOR and --no-color take them', async (t) => {
  const { socket } = await serveOperators(t, { list: () => ({ items: [enrolment] }) })
  const table: [NodeJS.ProcessEnv, string[], boolean][] = [
    [{}, [], false],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false]
  ]
  for (const [env, words, coloured] of table) {
    const list = startIn(env, '--socket', socket, 'list', ...words)
    const [out, err] = await Promise.all([text(list.stdout), text(list.stderr), once(list, 'close')])
    t.equal(out.includes('\x1b[33mpending\x1b[39m'), coloured, JSON.stringify([env, words]))
    t.equal(out.includes('\x1b'), coloured, JSON.stringify([env, words]))
    t.equal(err, `Next: joinery --socket ${socket} approve node-1\n`, JSON.stringify([env, words]))
  }
})

t.test('a reader that goes away ends the command quietly', async (t) => {
  // more than a pipe holds
  const items = Array.from({ length: 1000 }, () => enrolment)
  const { socket } = await serveOperators(t, { list: () => ({ items }) })
  const list = start('--socket', socket, 'list', '-o', 'json')
  list.stdout.destroy()
  const [err, [exitCode]] = await Promise.all([text(list.stderr), once(list, 'close')])
  t.equal(err, '')
  t.equal(exitCode, 0)
})

t.test('a reader of messages that goes away changes neither the data nor the exit code', async (t) => {
  const { socket } = await serveOperators(t, { list: () => ({ items: [enrolment] }) })
  for (const [words, exitCode] of [
    [['list'], 0],
    [['retry', 'node-9', '--yes'], 3]
  ] as const) {
    const command = start('--socket', socket, ...words)
    command.stderr.destroy()
    const [out, [code]] = await Promise.all([text(command.stdout), once(command, 'close')])
    t.match(out, words[0] === 'list' ? /^NAME .*\nnode-1 .*\n$/ : /^$/, words.join(' '))
    t.equal(code, exitCode, words[0])
  }
})

t.test('list --watch shows a change as it comes, and SIGINT ends it at once with exit code 130', async (t) => {
  let item = enrolment
  const { socket } = await serveOperators(t, { list: () => ({ items: [item] }) })
  const watch = start('--socket', socket, 'list', '--watch')
  const lines = createInterface(watch.stdout)[Symbol.asyncIterator]()
  const line = async () => (await lines.next()).value
  t.match(await line(), /^TIME +NAME /)
  t.match(await line(), /^\d\d:\d\d:\d\dZ +node-1 +pending /)
  item = { ...enrolment, state: 'approved' }
  t.match(await line(), /^\d\d:\d\d:\d\dZ +node-1 +approved /)
  watch.kill('SIGINT')
  t.same(await once(watch, 'close'), [null, 'SIGINT'])
})
