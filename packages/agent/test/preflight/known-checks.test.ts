import { checkRemedies, serverCheck } from '@joinery/protocol'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { checksFor } from '../../src/machine/preflight/run-checks.ts'

const names = checksFor({ role: 'control-plane', ignore: [] }).map(({ name }) => name)

t.test('for each check, and for no other, there are words of ours that say what is done about it', async (t) => {
  t.same(Object.keys(checkRemedies), names, 'in the order in which they are reported')
  t.notOk(names.includes(serverCheck), 'what the server judges no machine reports')
})

t.test('each line of them is one command or a comment', async (t) => {
  t.same(wrongRemedyLines(Object.values(checkRemedies).flat()), [])
})
