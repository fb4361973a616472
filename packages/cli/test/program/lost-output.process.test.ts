import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { enrolment, joinCommand, newCode } from '@joinery/testing/command/fixtures'
import { serveOperators } from '@joinery/testing/command/operators'
import { program } from '@joinery/testing/processes/program'
import t from 'tap'

// each start takes a second or more of a machine that has more to do
t.setTimeout(200_000)

const main = program('packages/cli/src/main.ts')

/** To its end, with an output on which nothing more has room, or whose reader is gone. */
const runInto = async (output: 'full' | 'gone', ...words: string[]) => {
  const full = output === 'full' ? openSync('/dev/full', 'w') : 'pipe'
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', full, 'pipe'] })
  if (typeof full === 'number') closeSync(full)
  child.stdout?.destroy()
  const [err, [exitCode]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')])
  return { err, exitCode }
}

t.test('a full disk behind the output is reported in a sentence, without a stack', async (t) => {
  const { socket } = await serveOperators(t, { list: () => ({ items: [enrolment] }) })
  const said = 'error: standard output cannot be written: the disk is full\nremedy: make room: df -h\n'
  for (const words of [['list'], ['cluster', 'manifests']]) {
    const { err, exitCode } = await runInto('full', '--socket', socket, ...words)
    t.ok(err.endsWith(said), words.join(' '))
    t.notMatch(err, / at .*:\d+/, words.join(' '))
    t.equal(exitCode, 1, words.join(' '))
  }
})

t.test('a code that could not be printed is revoked, and a join command rejected', async (t) => {
  const { socket, calls } = await serveOperators(t, {
    createCode: () => newCode,
    revokeCode: () => ({ ...newCode, status: 'revoked' }),
    joinCommand: () => joinCommand,
    reject: () => ({ ...enrolment, state: 'rejected' })
  })
  const table = [
    [
      'full',
      ['code', 'create', '-o', 'json'],
      'revokeCode',
      /^error: the code \S+ was given to nobody and is revoked$/m
    ],
    ['full', ['cloud-init'], 'revokeCode', /is revoked$/m],
    ['gone', ['code', 'create'], 'revokeCode', /is revoked$/m],
    [
      'gone',
      ['join-command', '--name', 'node-1'],
      'reject',
      /^error: the join command of \S+ was given .* is rejected$/m
    ]
  ] as const
  for (const [output, words, undo, said] of table) {
    calls.length = 0
    const { err, exitCode } = await runInto(output, '--socket', socket, ...words)
    const what = `${words.join(' ')}, ${output}`
    t.match(err, /^error: standard output cannot be written: (the disk is full|its reader has gone)$/m, what)
    t.match(err, said, what)
    t.equal(calls.at(-1)?.route, undo, what)
    t.equal(exitCode, 1, what)
    t.notOk(err.includes(newCode.code), what)
  }
})

t.test('if the code cannot be revoked either, the command for it is printed', async (t) => {
  const { socket } = await serveOperators(t, { createCode: () => newCode })
  const { err, exitCode } = await runInto('full', '--socket', socket, 'code', 'create')
  t.match(err, /^error: the code \S+ was given to nobody and is still open: /m)
  t.ok(err.endsWith(`remedy: joinery --socket ${socket} code revoke ${newCode.id}\n`))
  t.equal(exitCode, 1)
})
