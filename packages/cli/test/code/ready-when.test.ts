import { code, detail, enrolment, newCode } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

const gates = ['condition:example.org/Storage', 'daemonset:kube-system/cilium', 'pod:gpu/app=validator']
const options = (some: readonly string[]) => some.flatMap((gate) => ['--ready-when', gate])

t.test('each gate is an option of its own, and one that is given twice counts once', async (t) => {
  for (const command of [['code', 'create'], ['cloud-init']]) {
    const ran = await joinery(t, { createCode: () => newCode }, ...command, ...options([...gates, ...gates]))
    t.equal(ran.exitCode, 0, command.join(' '))
    t.same(ran.calls[0]?.body, { ttl: 1800, readyWhen: gates }, command.join(' '))
  }
  const { calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create')
  t.same(calls[0]?.body, { ttl: 1800 }, 'a code without gates asks for none')
})

const wrong: [string[], RegExp][] = [
  [['Ready'], /a gate is condition:TYPE like condition:example.org\/StorageReady, daemonset:NAMESPACE\/NAME like/],
  [['condition:a b'], /give condition:TYPE like/],
  [['daemonset:cilium'], /give daemonset:NAMESPACE\/NAME like daemonset:kube-system\/cilium\./],
  [['pod:gpu/app'], /give pod:NAMESPACE\/KEY=VALUE like/],
  [Array.from({ length: 9 }, (_, number) => `condition:C${number}`), /a code has at most 8 gates\./]
]

for (const [some, message] of wrong) {
  t.test(`the gates ${some.join(' ')} are refused before the server is asked`, async (t) => {
    const { exitCode, err, calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create', ...options(some))
    t.equal(exitCode, 2)
    t.match(err, message)
    t.same(calls, [])
  })
}

t.test('gates, and what is missing, are shown with the code and the enrolment, and the list has a mark', async (t) => {
  const rows = /\nReady when: +condition:example\.org\/Storage\n +daemonset:kube-system\/cilium\n/
  const shown = { ...code, readyWhen: gates, users: [], timeline: [] }
  t.match((await joinery(t, { showCode: () => shown }, 'code', 'show', 'c1')).out, rows)
  const node = { uid: 'n1', registered: detail.created, condition: 'Ready' as const, message: '' }
  const one = { ...detail, state: 'ready' as const, readyWhen: gates, node, notYet: ['one is missing', 'another one'] }
  const waits = (await joinery(t, { show: () => one }, 'show', 'node-1')).out
  t.match(waits, rows)
  t.match(waits, /\nNot yet: +one is missing\n +another one\n/)
  t.notMatch(waits, /In service:/)
  const { notYet: _, ...rest } = one
  const open = (await joinery(t, { show: () => ({ ...rest, inService: detail.created }) }, 'show', 'node-1')).out
  t.match(open, /\nIn service: +2026-11-25T/)
  t.notMatch(open, /Not yet:/)
  const list = async (item: object) =>
    (await joinery(t, { list: () => ({ items: [{ ...enrolment, state: 'ready', node, ...item }] }) }, 'list')).out
  t.match(await list({ notYet: ['one is missing'] }), /^node-1 +ready +Ready\* /m)
  t.match(await list({ inService: detail.created }), /^node-1 +ready +Ready /m)
})
