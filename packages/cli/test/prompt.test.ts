import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { EnrolmentDetail } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { detail } from './support/fixtures.ts'
import { missing } from './support/missing.ts'
import { serveOperators } from './support/operators.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const joined: EnrolmentDetail = { ...detail, state: 'joined' }
const skip = missing('script')

/** Rejects a joined machine on a terminal of its own, where `keys` are typed at the question; `shown` is its screen. */
const rejectOnTerminal = async (t: Test, keys: string, redirection = '') => {
  const { socket, calls } = await serveOperators(t, {
    show: () => joined,
    reject: () => ({ ...joined, state: 'rejected' })
  })
  const command = `'${process.execPath}' '${main}' --socket '${socket}' reject node-1 --reason x ${redirection}`
  const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  let shown = ''
  terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const before = shown
    shown += chunk
    if (shown.includes('to reject it: ') && !before.includes('to reject it: ')) terminal.stdin.write(keys)
  })
  const [exitCode] = await once(terminal, 'close')
  return { exitCode, shown: shown.replaceAll('\r', ''), rejected: calls.some(({ route }) => route === 'reject') }
}

t.test('on a terminal the name is typed, and corrected as on every line', { skip }, async (t) => {
  const { exitCode, shown, rejected } = await rejectOnTerminal(t, 'node-2\x7f1\n')
  t.match(shown, 'deletes its Node, without a drain, and bans its name.\nType node-1 to reject it: ')
  t.match(shown, /\nenrolment\/node-1 rejected\n$/)
  t.equal(exitCode, 0)
  t.ok(rejected)
})

t.test('Enter alone means no', { skip }, async (t) => {
  const { exitCode, shown, rejected } = await rejectOnTerminal(t, '\n')
  t.match(shown, '\nerror: nothing is changed')
  t.equal(exitCode, 1)
  t.notOk(rejected)
})

t.test('the end of the input means no', { skip }, async (t) => {
  const { exitCode, shown, rejected } = await rejectOnTerminal(t, '\x04')
  t.match(shown, '\nerror: nothing is changed')
  t.equal(exitCode, 1)
  t.notOk(rejected)
})

t.test('Ctrl-C at the question ends with 130', { skip }, async (t) => {
  const { exitCode, shown, rejected } = await rejectOnTerminal(t, '\x03')
  t.match(shown, /to reject it: (\^C)?\n?$/)
  t.equal(exitCode, 130)
  t.notOk(rejected)
})

t.test('a question that nobody would see is not asked', { skip }, async (t) => {
  const { exitCode, rejected } = await rejectOnTerminal(t, '', '2> /dev/null')
  t.equal(exitCode, 2)
  t.notOk(rejected)
})

t.test('a pipe is nobody to ask', async (t) => {
  const { socket } = await serveOperators(t, { show: () => joined })
  const words = [main, '--socket', socket, 'reject', 'node-1', '--reason', 'x']
  const reject = spawn(process.execPath, words, { stdio: ['pipe', 'ignore', 'pipe'] })
  reject.stdin.end('node-1\n')
  const [err, [exitCode]] = await Promise.all([text(reject.stderr), once(reject, 'close')])
  t.match(err, 'there is no terminal to ask on')
  t.equal(exitCode, 2)
})
