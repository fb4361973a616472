import t from 'tap'
import { runWith } from './support/operators.ts'

const commands = ['', 'code create', 'list', 'show', 'approve', 'reject', 'release', 'retry']

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
  t.match(out, 'Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 denied, 5 timeout, 6 conflict\n')
})
