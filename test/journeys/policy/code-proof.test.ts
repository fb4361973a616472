import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const rules = `mode: enforce
rules:
- name: rack-7
  verdict: approve
  when: code.name.startsWith("rack7-")
- name: by-address
  verdict: approve
  when: inCidr(seen.address, "127.0.0.0/8") && machine.hostname == "last"
`

t.test('C1: who may only invite approves nobody, whatever a rule says about the code', async (t) => {
  const path = join(t.testdir(), 'policy.yaml')
  writeFileSync(path, rules, { mode: 0o644 })
  const pairing = await openDoorPairing(t, undefined, { config: { policy: path } })
  const { operator } = pairing
  const comes = async (code: string, facts: object = {}) => {
    const machine = await pairing.machine()
    await machine.enrol(code, { facts: { ...machine.facts, ...facts } })
    return machine
  }
  const reaches = (name: string, state: string) =>
    eventually(`${name} is ${state}`, async () => (await operator.show(name)).state === state)

  // the API server let ivan make this one: he has the verb to invite, and may not approve
  const invited = await pairing.invite({ name: 'rack7-evil', by: 'ivan' })
  await pairing.codeIs(invited.object, 'open')
  t.match(await operator.showCode(invited.object.name), { proof: false })
  const evil = await comes(invited.code)
  // and adam this one: the admission policy asked whether he may approve
  const proven = await pairing.invite({ name: 'rack7-1', by: 'adam', proof: true })
  await pairing.codeIs(proven.object, 'open')
  await comes(proven.code)
  await reaches('rack7-1', 'approved')
  const byRoot = await pairing.code('rack7-2')
  t.match(byRoot, { proof: true })
  await comes(byRoot.code)
  await reaches('rack7-2', 'approved')
  await comes((await pairing.code('last')).code, { hostname: 'last' })
  await reaches('last', 'approved')

  t.match(await operator.show('rack7-evil'), { state: 'pending' })
  t.equal(await refusedWith(evil.server.claim()), 'illegal-event')
  const { policy, remedies } = await operator.status()
  t.match(policy?.rules, [{ name: 'rack-7', needsProof: true, withoutProof: 1 }, { name: 'by-address' }])
  t.match(remedies.join(), /Rule rack-7 approves only by codes that are proof, and 1 machines/)
  const { out, err } = await runWith([
    '--socket',
    pairing.config.operators.socket,
    'policy',
    'test',
    '--file',
    path,
    '--all'
  ])
  t.match(out, /^rack7-evil +pending +hold +rack-7 +rule rack-7 holds, but its code is no proof/m, err)
  const listed = await runWith(['policy', 'test', '--file', path])
  t.match(listed.err, /approve only if it is proof .*: rack-7$/m)
})
