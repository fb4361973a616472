import t from 'tap'
import { runWith } from './support/operators.ts'

const commands = [
  '',
  'code',
  'code create',
  'code list',
  'code revoke',
  'list',
  'show',
  'approve',
  'reject',
  'release',
  'retry',
  'status',
  'completion'
]

for (const command of commands) {
  t.test(`the help of joinery ${command} begins with examples`, async (t) => {
    const { exitCode, out, err } = await runWith([...command.split(' ').filter(Boolean), '--help'])
    t.match(out, new RegExp(`^Examples:\n[^]*  joinery ${command}[^]*\n\nUsage: joinery ${command}`))
    t.equal(err, '')
    t.equal(exitCode, 0)
  })
}

t.test('the help names the exit codes', async (t) => {
  const { out } = await runWith(['--help'])
  t.match(out, 'Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 denied, 5 timeout, 6 conflict, 130 interrupted\n')
})

t.test('the help of code create says how long a code may last', async (t) => {
  const { out } = await runWith(['code', 'create', '--help'])
  t.match(out.replaceAll(/\s+/g, ' '), 'how long its first use is possible, from 1m to 168h (default: 30m)')
})

t.test('joinery --version prints the release', async (t) => {
  t.match(await runWith(['--version']), { out: 'dev\n', err: '', exitCode: 0 })
})
