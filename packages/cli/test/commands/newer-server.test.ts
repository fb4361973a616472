import type { EnrolmentDetail, State } from '@joinery/protocol'
import { detail, status } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

/** Of a server that is newer than this command. */
const state = 'returning' as State
const made: EnrolmentDetail = { ...detail, state, message: 'returning: its certificate is over' }
const answers = {
  list: () => ({ items: [made] }),
  show: () => made,
  reject: () => made,
  status: () => ({ ...status, enrolments: { ...status.enrolments, returning: 3 } })
}

for (const words of [
  ['list'],
  ['list', '-o', 'wide'],
  ['show', 'node-1'],
  ['status'],
  ['reject', 'node-1', '--reason', 'x', '-o', 'yaml']
]) {
  t.test(`joinery ${words.join(' ')} shows a state that a newer server made as it is`, async (t) => {
    const { out, exitCode } = await joinery(t, answers, ...words)
    t.match(out, /returning/)
    t.equal(exitCode, 0)
  })
}

t.test('list -o json prints a state that a newer server made', async (t) => {
  const { out } = await joinery(t, answers, 'list', '-o', 'json')
  t.match(JSON.parse(out), { items: [{ state: 'returning' }] })
})

t.test('remove of an enrolment in a state that a newer server made is refused with a sentence', async (t) => {
  const { err, exitCode } = await joinery(t, answers, 'remove', 'node-1', '--yes')
  t.match(err, /remove is not possible: the enrolment of node-1 is returning/)
  t.equal(exitCode, 6)
})
