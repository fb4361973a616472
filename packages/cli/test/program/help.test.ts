import { readFileSync } from 'node:fs'
import { now } from '@joinery/testing/command/fixtures'
import { runWith } from '@joinery/testing/command/operators'
import type { Command } from 'commander'
import t from 'tap'
import { buildProgram } from '../../src/program/program.ts'
import { exitCodes } from '../../src/terminal/errors.ts'

/** Names of the commands, from the program on, in their order. The program's own is empty. */
const namesOf = (command: Command, before = ''): string[] => [
  before,
  ...command.commands.flatMap((one) => namesOf(one, `${before} ${one.name()}`.trim()))
]
const commands = namesOf(
  buildProgram({
    out: () => {},
    err: () => {},
    told: (text) => text,
    deliver: async () => {},
    now: () => now,
    pause: async () => {},
    exec: async () => '',
    colour: false
  })
)

const exitCodesLine =
  'Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 denied, 5 timeout, 6 conflict, 7 check fails, 130 interrupted\n'

t.test('the commands are read from the program', async (t) => {
  for (const one of ['', 'code create', 'cluster doctor', 'logs', 'bundle']) t.ok(commands.includes(one), one)
})

for (const command of commands) {
  t.test(`the help of joinery ${command} begins with examples and ends with the exit codes`, async (t) => {
    const { exitCode, out, err } = await runWith([...command.split(' ').filter(Boolean), '--help'])
    t.match(out, new RegExp(`^Examples:\n[^]*  joinery ${command}[^]*\n\nUsage: joinery ${command}`))
    t.ok(out.endsWith(`\n\n${exitCodesLine}`))
    t.equal(out.split(exitCodesLine).length, 2, 'once')
    t.equal(err, '')
    t.equal(exitCode, 0)
  })
}

t.test('the page of exit codes has all of the help', async (t) => {
  const page = readFileSync(new URL('../../../../docs/reference/exit-codes.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| (\d+) \| ([a-z ]+)(?:: [^|]+)? \| [^|]+ \|$/gm)]
  t.same(
    rows.map(([, code]) => Number(code)),
    [...Object.values(exitCodes), 130]
  )
  t.equal(`Exit codes: ${rows.map(([, code, meaning]) => `${code} ${meaning}`).join(', ')}\n`, exitCodesLine)
})

t.test('the help of code create says how long a code may last', async (t) => {
  const { out } = await runWith(['code', 'create', '--help'])
  t.match(
    out.replaceAll(/\s+/g, ' '),
    'time in which each machine must first use the code, from 1m to 168h (default: 30m)'
  )
})

t.test('the help of the program has the options of every command, and the environment', async (t) => {
  const { out } = await runWith(['--help'])
  for (const option of ['-q, --quiet', '--no-input', '--no-headers', '--no-pager', '--no-color', '--socket <path>']) {
    t.match(out, `\n  ${option} `, option)
    t.match((await runWith(['code', 'list', '--help'])).out, `\n  ${option} `, `${option} of code list`)
  }
  for (const variable of ['JOINERY_SOCKET', 'KUBECONFIG', 'JOINERY_PAGER, or PAGER', 'NO_COLOR, FORCE_COLOR']) {
    t.match(out, `\n  ${variable} `, variable)
  }
})

t.test('joinery --version prints the release', async (t) => {
  t.match(await runWith(['--version']), { out: 'dev\n', err: '', exitCode: 0 })
})

t.test('the help of a nested command is its own', async (t) => {
  for (const words of [
    ['help', 'code', 'create'],
    ['--no-color', 'help', 'cluster', 'doctor']
  ]) {
    const { exitCode, out } = await runWith(words)
    t.match(out, `Usage: joinery ${words.slice(-2).join(' ')} `, words.join(' '))
    t.equal(exitCode, 0, words.join(' '))
  }
  t.match(await runWith(['help', 'code']), { exitCode: 0, out: /^Usage: joinery code /m })
})

t.test('help stands before a command, or behind it', async (t) => {
  for (const command of commands.filter(Boolean)) {
    const words = command.split(' ')
    const { out } = await runWith([...words, '--help'])
    for (const asked of [
      ['help', ...words],
      [...words, 'help'],
      ['--context', 'help', ...words, 'help'],
      [...words, '-h']
    ]) {
      t.same(await runWith(asked), { exitCode: 0, out, err: '' }, asked.join(' '))
    }
  }
  t.match(await runWith(['code', 'help', 'create']), { exitCode: 0, out: /^Usage: joinery code create /m })
  t.match(await runWith(['help', 'approve', 'node-1']), { exitCode: 0, out: /^Usage: joinery approve /m })
  for (const words of [['help'], ['help', 'help'], ['help', '--help']])
    t.match(await runWith(words), { exitCode: 0, out: /^Usage: joinery \[/m }, words.join(' '))
})

t.test('help for a command that does not exist names the nearest one, with the exit code of a mistake', async (t) => {
  for (const [words, nearest] of [
    ['help aprove', 'approve'],
    ['aprove --help', 'approve'],
    ['--context prod aprove -h', 'approve'],
    ['help code creat', 'create'],
    ['code creat --help', 'create'],
    ['code help creat', 'create'],
    ['code creat help', 'create']
  ] as const) {
    const { exitCode, out, err } = await runWith(words.split(' '))
    t.match(err, new RegExp(`^error: unknown command '[a-z]+'\n\\(Did you mean ${nearest}\\?\\)`), words)
    t.same({ exitCode, out }, { exitCode: 2, out: '' }, words)
  }
  t.match(await runWith(['help', 'rm']), { exitCode: 2, err: /^remedy: joinery remove NAME/m })
})

t.test('a machine that is called help is no question', async (t) => {
  for (const words of [
    ['approve', 'help', 'node-1', '--yes'],
    ['approve', '--yes', 'help'],
    ['show', 'enrolment/help'],
    ['reject', 'help', '--reason', 'help']
  ]) {
    const { exitCode, err } = await runWith(['--socket', '/nowhere', ...words])
    t.match({ exitCode, err }, { exitCode: 1, err: 'no pairing server listens on /nowhere' }, words.join(' '))
  }
})

t.test('a verb of another tool is answered with the verb of Joinery that does the same', async (t) => {
  for (const [verb, here] of [
    ['rm', 'joinery remove NAME'],
    ['ls', 'joinery list']
  ] as const) {
    const { exitCode, out, err } = await runWith(['--socket', '/nowhere', verb, 'node-1'])
    t.ok(err.startsWith(`error: unknown command '${verb}'\nremedy: ${here}`), verb)
    t.same({ exitCode, out }, { exitCode: 2, out: '' }, verb)
  }
  t.match(await runWith(['aprove', 'node-1']), { exitCode: 2, err: /Did you mean approve\?/ })
})

t.test('the names that kubectl has for commands are not listed in the help, but in one of their own', async (t) => {
  const { out } = await runWith(['--help'])
  t.notMatch(out, /^ {2}(get|describe|delete|aliases)\b/m)
  for (const words of [
    ['help', 'aliases'],
    ['aliases', '--help']
  ]) {
    t.match(
      await runWith(words),
      { exitCode: 0, out: /^Examples:\n {2}joinery get +is joinery list\n/ },
      words.join(' ')
    )
  }
  t.match(await runWith(['aliases']), { exitCode: 0, out: /^ {2}joinery get +is joinery list\n/ })
  for (const words of [
    ['delete', '--help'],
    ['help', 'delete']
  ]) {
    const own = await runWith(words)
    t.match(own, { exitCode: 0, out: /\n {2}joinery delete code NAME +is joinery code revoke NAME\n/ }, words.join(' '))
  }
})
