import { readFileSync } from 'node:fs'
import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { exitCodes } from '../../src/terminal/errors.ts'

const commands = [
  '',
  'cloud-init',
  'code',
  'code create',
  'code list',
  'code show',
  'code revoke',
  'join-command',
  'list',
  'show',
  'why',
  'approve',
  'grant',
  'reject',
  'release',
  'retry',
  'nodes',
  'remove',
  'status',
  'cluster',
  'cluster doctor',
  'cluster harden',
  'cluster manifests',
  'completion'
]

const exitCodesLine =
  'Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 denied, 5 timeout, 6 conflict, 7 check fails, 130 interrupted\n'

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

t.test('the page of exit codes has all of the help, each with an example', async (t) => {
  const page = readFileSync(new URL('../../../../docs/reference/exit-codes.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| (\d+) \| ([a-z ]+)(?:: [^|]+)? \| ([^|]+) \|$/gm)]
  t.same(
    rows.map(([, code]) => Number(code)),
    [...Object.values(exitCodes), 130]
  )
  t.equal(`Exit codes: ${rows.map(([, code, meaning]) => `${code} ${meaning}`).join(', ')}\n`, exitCodesLine)
  for (const [, , , example] of rows) t.match(example, '`joinery ', `${example}`)
})

t.test('the help of code create says how long a code may last', async (t) => {
  const { out } = await runWith(['code', 'create', '--help'])
  t.match(
    out.replaceAll(/\s+/g, ' '),
    'time in which each machine must first use the code, from 1m to 168h (default: 30m)'
  )
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

t.test('a verb of another tool is answered with the verb of Joinery that does the same', async (t) => {
  for (const [verb, here] of [
    ['delete', 'joinery remove NAME'],
    ['rm', 'joinery remove NAME'],
    ['get', 'joinery list'],
    ['ls', 'joinery list'],
    ['describe', 'joinery show NAME'],
    ['logs', 'joinery show NAME'],
    ['version', 'joinery --version']
  ] as const) {
    const { exitCode, out, err } = await runWith(['--socket', '/nowhere', verb, 'node-1'])
    t.ok(err.startsWith(`error: unknown command '${verb}'\nremedy: ${here}`), verb)
    t.same({ exitCode, out }, { exitCode: 2, out: '' }, verb)
  }
  t.match(await runWith(['aprove', 'node-1']), { exitCode: 2, err: /Did you mean approve\?/ })
})
