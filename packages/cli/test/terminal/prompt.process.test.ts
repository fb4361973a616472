import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { EnrolmentDetail } from '@joinery/protocol'
import { detail } from '@joinery/testing/command/fixtures'
import { serveOperators } from '@joinery/testing/command/operators'
import { needs } from '@joinery/testing/processes/needs'
import { program } from '@joinery/testing/processes/program'
import { playOnTerminal } from '@joinery/testing/processes/terminal'
import t, { type Test } from 'tap'

const main = program('packages/cli/src/main.ts')
const approved: EnrolmentDetail = { ...detail, state: 'approved' }
const joined: EnrolmentDetail = { ...detail, state: 'joined' }
const skip = needs('script')

/** Runs a command on a terminal of its own, where `keys` are typed at the first question that looks like `asks`; `shown` is its screen. */
const onTerminal = async (t: Test, words: string, asks: string, keys: string) => {
  const { socket, calls } = await serveOperators(t, {
    show: ({ reference }) => (words.startsWith('reject') ? joined : { ...detail, id: reference, name: reference }),
    reject: () => ({ ...joined, state: 'rejected' }),
    approve: ({ reference }) => ({ ...approved, name: reference })
  })
  const command = `'${process.execPath}' '${main}' --socket '${socket}' ${words}`
  const run = await playOnTerminal(command, process.env, { at: asks, keys })
  const sent = calls.filter(({ route }) => route !== 'show').map(({ route, reference }) => `${route} ${reference}`)
  return { ...run, sent }
}
const rejectOnTerminal = async (t: Test, keys: string, redirection = '') => {
  const words = `reject node-1 --reason x ${redirection}`
  const { sent, ...run } = await onTerminal(t, words, 'to reject it: ', keys)
  return { ...run, rejected: sent.length > 0 }
}
const approveOnTerminal = (t: Test, words: string, keys: string) =>
  onTerminal(t, `approve ${words}`, 'Approve node-1? [y/N] ', keys)

t.test('approve asks below the evidence, and takes yes for an answer', { skip }, async (t) => {
  const { exitCode, shown, sent } = await approveOnTerminal(t, 'node-1', 'n\x7fy\n')
  t.match(shown, /Key: +4f1c-22ab-0000-0000-0000\n[\s\S]*\n {2}\| Serial: +SN-1\n[\s\S]*\nApprove node-1\? \[y\/N\] /)
  t.match(shown, /\nenrolment\/node-1 approved\n/)
  t.same([exitCode, sent], [0, ['approve node-1']])
})

t.test('Enter, the end of the input and Ctrl-C approve nothing', { skip }, async (t) => {
  for (const [keys, code] of [
    ['\n', 1],
    ['\x04', 1],
    ['\x03', 130]
  ] as const) {
    const { exitCode, sent } = await approveOnTerminal(t, 'node-1', keys)
    t.same([exitCode, sent], [code, []], JSON.stringify(keys))
  }
})

t.test('each of several machines has its own answer, also if the answers are typed ahead', { skip }, async (t) => {
  const { exitCode, sent } = await approveOnTerminal(t, 'node-1 node-2 node-3', 'y\nn\ny\n')
  t.same([exitCode, sent], [1, ['approve node-1', 'approve node-3']])
})

t.test('the end of the input is no for all machines that follow', { skip }, async (t) => {
  const { exitCode, shown, sent } = await approveOnTerminal(t, 'node-1 node-2 node-3', '\x04')
  t.same([exitCode, sent], [1, []])
  t.match(shown, 'node-3 is not approved')
})

t.test('a person types the name on the terminal, and can correct it', { skip }, async (t) => {
  const { exitCode, shown, rejected } = await rejectOnTerminal(t, 'node-2\x7f1\n')
  t.match(shown, 'deletes its Node, without a drain, and bans its name.\nType node-1 to reject it: ')
  t.match(shown, /\nenrolment\/node-1 rejected\n$/)
  t.equal(exitCode, 0)
  t.ok(rejected)
})

t.test('an empty line means no', { skip }, async (t) => {
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

t.test('a pipe cannot answer a question', async (t) => {
  const { socket } = await serveOperators(t, { show: () => joined })
  const words = [main, '--socket', socket, 'reject', 'node-1', '--reason', 'x']
  const reject = spawn(process.execPath, words, { stdio: ['pipe', 'ignore', 'pipe'] })
  reject.stdin.end('node-1\n')
  const [err, [exitCode]] = await Promise.all([text(reject.stderr), once(reject, 'close')])
  t.match(err, 'there is no terminal to ask on')
  t.equal(exitCode, 2)
})
