import type { Enrolment } from '@joinery/protocol'
import { ago, enrolment } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse } from 'yaml'

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
    `NAME     STATE     NODE       ROLE     ADDRESS     PREFLIGHT   AGE     MESSAGE
node-1   pending   <none>     worker   10.0.0.11   1 fail      3m20s   waits for approval
node-2   joined    NotReady   worker   10.0.0.11   pass        5h      joined, waiting for the network plugin
`
  )
  t.equal(err, 'Next: joinery approve node-1\n')
  t.equal(exitCode, 0)
})

t.test('list suggests ids if a name is not enough', async (t) => {
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

t.test('list -o wide adds where to find a machine and what it runs', async (t) => {
  const { out } = await joinery(t, listed({ ...enrolment, expires: ago(-6 * 86_400 - 7200) }), 'list', '-o', 'wide')
  t.equal(
    out,
    `NAME     STATE     NODE     ROLE     ADDRESS     PREFLIGHT   AGE     EXPIRES   KEY                        ID   CODE   CREDENTIAL   MACHINE ID                         KUBELET   OS                             CAUSE    MESSAGE
node-1   pending   <none>   worker   10.0.0.11   1 fail      3m20s   in 6d2h   4f1c-22ab-0000-0000-0000   e1   c1     token        0123456789abcdef0123456789abcdef   v1.37.2   Debian GNU/Linux 13 (trixie)   <none>   waits for approval
`
  )
})

t.test('list --no-headers prints machines only', async (t) => {
  const { out } = await joinery(t, listed(enrolment), 'list', '--no-headers')
  t.match(out, /^node-1 .*\n$/)
})

t.test('list -o name prints what every command takes: a name, or an id if the name is not enough', async (t) => {
  const [one, other] = [enrolment, { ...enrolment, id: 'e2', name: 'node-2' }]
  const unique = await joinery(t, listed(one, other), 'list', '-o', 'name')
  t.equal(unique.out, 'enrolment/node-1\nenrolment/node-2\n')
  t.equal(unique.err, '')
  const same = await joinery(t, listed(one, { ...other, name: one.name }), 'list', '-o', 'name')
  t.equal(same.out, 'enrolment/e1\nenrolment/e2\n')
})

t.test('list -o yaml prints the same document as json', async (t) => {
  const { out, err } = await joinery(t, listed(enrolment), 'list', '-o', 'yaml')
  t.same(parse(out), { items: [enrolment] })
  t.match(out, '- "52:54:00:30:00:01"\n', 'a MAC address is no number to YAML 1.1 either')
  t.equal(err, '')
})

t.test('list -o json prints the answer of the server and nothing for people', async (t) => {
  const { out, err } = await joinery(t, listed(enrolment), 'list', '-o', 'json')
  t.same(JSON.parse(out), { items: [enrolment] })
  t.equal(err, '')
})
