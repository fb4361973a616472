import type { Enrolment } from '@joinery/protocol'
import t from 'tap'
import { ago, enrolment } from './support/fixtures.ts'
import { joinery } from './support/operators.ts'

const listed = (...items: Enrolment[]) => ({ list: () => ({ items }) })

t.test('list shows one line a machine and suggests what to do', async (t) => {
  const waiting: Enrolment = {
    ...enrolment,
    id: 'e2',
    name: 'node-2',
    state: 'joined',
    message: 'joined, waiting for the network plugin',
    created: ago(5 * 3600),
    preflight: [],
    node: { uid: 'u', registered: ago(60), condition: 'NotReady', message: 'cni plugin not initialized' }
  }
  const { exitCode, out, err } = await joinery(t, listed(enrolment, waiting), 'list')
  t.equal(
    out,
    `NAME     STATE     NODE       ROLE     ADDRESS     KEY         PREFLIGHT   AGE     MESSAGE
node-1   pending   <none>     worker   10.0.0.11   4f1c-22ab   1 fail      3m20s   waits for approval
node-2   joined    NotReady   worker   10.0.0.11   4f1c-22ab   pass        5h      joined, waiting for the network plugin
`
  )
  t.equal(err, 'Next: joinery approve node-1\n')
  t.equal(exitCode, 0)
})

t.test('list suggests ids where a name is not enough', async (t) => {
  const same = listed(enrolment, { ...enrolment, id: 'e2' }, { ...enrolment, id: 'e3', name: '$(reboot)' })
  const { err } = await joinery(t, same, 'list')
  t.equal(err, 'Next: joinery approve e1 e2 e3\n')
})

t.test('list sends the operator to the evidence of a frozen enrolment', async (t) => {
  const { err } = await joinery(t, listed({ ...enrolment, state: 'frozen' }), 'list')
  t.equal(err, 'Next: joinery show node-1\n')
})

t.test('list without enrolments says so and leaves the data empty', async (t) => {
  const { out, err, exitCode } = await joinery(t, listed(), 'list')
  t.equal(out, '')
  t.equal(err, 'No machine has enrolled yet.\nNext: joinery code create\n')
  t.equal(exitCode, 0)
})

t.test('list -o json prints the answer of the server and nothing for people', async (t) => {
  const { out, err } = await joinery(t, listed(enrolment), 'list', '-o', 'json')
  t.same(JSON.parse(out), { items: [enrolment] })
  t.equal(err, '')
})
