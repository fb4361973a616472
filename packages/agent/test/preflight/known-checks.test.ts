import { checkRemedies, serverCheck } from '@joinery/protocol'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { checksFor } from '../../src/machine/preflight/run-checks.ts'

const names = checksFor({ role: 'control-plane', ignore: [] }).map(({ name }) => name)

t.test('each check that the agent knows, and no other, has a remedy of ours', async (t) => {
  t.same(Object.keys(checkRemedies), names, 'in the order in which they are reported')
  t.notOk(names.includes(serverCheck), 'what the server judges no machine reports')
})

t.test('each line of these remedies is one command or a comment', async (t) => {
  t.same(wrongRemedyLines(Object.values(checkRemedies).flat()), [])
})
