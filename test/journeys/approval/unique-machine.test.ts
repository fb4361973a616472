import { openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

const enrolled = async (pairing: Pairing, name: string, machineId?: string) => {
  const machine = await pairing.machine(machineId)
  const { id } = await machine.enrol((await pairing.code(name)).code)
  return { machine, id }
}

/** Up to its Node, by its own way. */
const joined = async (pairing: Pairing, name: string) => {
  const { machine } = await enrolled(pairing, name)
  await approve(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
  return machine
}

const uniqueness = async ({ operator }: Pairing, name: string) =>
  (await operator.show(name)).preflight.find((check) => check.name === 'unique-machine')

t.test('a machine that is like no other passes', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  await enrolled(pairing, 'worker-2')
  await pairing.reconcile()
  for (const name of ['worker-1', 'worker-2']) t.match(await uniqueness(pairing, name), { verdict: 'pass' }, name)
})

t.test('a copy of a Node is shown with the shared ids, and gets no credential after an approval', async (t) => {
  const pairing = await openPairing(t)
  const { machineId } = (await joined(pairing, 'worker-1')).facts
  const { machine } = await enrolled(pairing, 'worker-2', machineId)
  const finding = `machine id ${machineId} also belongs to Node worker-1`
  t.match(await uniqueness(pairing, 'worker-2'), {
    verdict: 'fail',
    finding: new RegExp(`^${finding}; `),
    why: /./,
    remedy: ['rm /etc/machine-id', 'systemd-machine-id-setup', 'reboot']
  })
  const { items } = await pairing.operator.list()
  t.match(items.at(-1)?.message, `waiting for approval; preflight fails: unique-machine (${finding}`)
  const pending = await machine.server.wait(0, 0, new AbortController().signal)
  t.match(pending?.message, /preflight fails: unique-machine$/, 'the machine itself is not told whose it shares')

  t.match(await approve(pairing, 'worker-2'), { state: 'approved' })
  t.match((await pairing.operator.show('worker-2')).timeline.at(-1), { detail: /while preflight fails$/ })
  await t.rejects(machine.server.claim(), { code: 'machine-not-unique', message: new RegExp(finding) })
  t.match(await pairing.operator.show('worker-2'), { state: 'approved', attempts: { length: 0 } })
  t.same(await pairing.cluster.tokens(), [])
  t.match((await machine.server.wait(0, 0, new AbortController().signal))?.message, finding)

  await pairing.cluster.deleteNodeAsAdmin('worker-1')
  await pairing.reconcile()
  t.match(await machine.server.claim(), { nodeName: 'worker-2' }, 'when the other one is gone it may')
})

t.test('a claim compares the Nodes also if the server has not read them yet', async (t) => {
  const pairing = await openPairing(t)
  const { machineId } = (await joined(pairing, 'worker-1')).facts
  const { machine } = await enrolled(pairing, 'worker-2', machineId)
  await approve(pairing, 'worker-2')
  await pairing.restart()
  t.equal(await refusedWith(machine.server.claim()), 'machine-not-unique')
})

t.test('the machine’s own word about its uniqueness does not count', async (t) => {
  const pairing = await openPairing(t)
  const { machineId } = (await joined(pairing, 'worker-1')).facts
  const machine = await pairing.machine(machineId)
  const lie = { name: 'unique-machine', verdict: 'pass' as const, finding: 'like no other' }
  await machine.enrol((await pairing.code('worker-2')).code, { preflight: [lie] })
  const { preflight } = await pairing.operator.show('worker-2')
  t.match(preflight, [{ name: 'unique-machine', verdict: 'fail' }])
  t.equal(preflight.length, 1)
  await approve(pairing, 'worker-2')
  t.equal(await refusedWith(machine.server.claim()), 'machine-not-unique')
})

t.test('two waiting copies are both shown, and the one that is approved first goes on', async (t) => {
  const pairing = await openPairing(t)
  const first = await enrolled(pairing, 'worker-1', 'a1'.repeat(16))
  const second = await enrolled(pairing, 'worker-2', 'a1'.repeat(16))
  for (const name of ['worker-1', 'worker-2']) t.match(await uniqueness(pairing, name), { verdict: 'fail' }, name)
  await approve(pairing, 'worker-2')
  t.match(await second.machine.server.claim(), { nodeName: 'worker-2' }, 'whom nobody approved holds up nobody')
  await approve(pairing, 'worker-1')
  t.equal(await refusedWith(first.machine.server.claim()), 'machine-not-unique')
  t.match(await second.machine.server.claim(), { attempt: 1 }, 'a claim that is repeated gets its answer')
})

t.test('a code may ignore the check of uniqueness', async (t) => {
  const pairing = await openPairing(t)
  const { machineId } = (await joined(pairing, 'worker-1')).facts
  const machine = await pairing.machine(machineId)
  const policy = { ignore: ['unique-machine'] }
  await machine.enrol((await pairing.operator.createCode({ name: 'worker-2', ttl: 1800, policy })).code)
  t.match(await uniqueness(pairing, 'worker-2'), { verdict: 'warn', ignored: true })
  await approve(pairing, 'worker-2')
  t.match(await machine.server.claim(), { nodeName: 'worker-2' })
})

t.test('a machine that comes again after its end is not a copy of itself', async (t) => {
  const pairing = await openPairing(t)
  const before = await enrolled(pairing, 'worker-1', 'b2'.repeat(16))
  await pairing.operator.reject('worker-1', { reason: 'a mistake' })
  const again = await enrolled(pairing, 'worker-2', before.machine.facts.machineId)
  await pairing.reconcile()
  t.match(await uniqueness(pairing, 'worker-2'), { verdict: 'pass' }, 'rejected')
  pairing.clock.advance(7 * 24 * 3600_000)
  await pairing.reconcile()
  const third = await enrolled(pairing, 'worker-3', again.machine.facts.machineId)
  t.match(await uniqueness(pairing, 'worker-3'), { verdict: 'pass' }, 'expired')
  await approve(pairing, 'worker-3')
  t.match(await third.machine.server.claim(), { nodeName: 'worker-3' })
})

t.test('the agent of a copy says what it waits for, and goes on after an operator has decided', async (t) => {
  const pairing = await openPairing(t)
  const other = await enrolled(pairing, 'worker-9')
  await approve(pairing, 'worker-9')
  const open = await openMachine(t, pairing)
  const { productUuid } = await open.machine.looking.facts()
  t.equal(productUuid, '')
  const facts = { ...(await open.machine.looking.facts()), hostname: 'worker-9' }
  await other.machine.server.observe({ facts: { ...other.machine.facts, macs: facts.macs }, preflight: [] })
  await approve(pairing, 'worker-9')
  await other.machine.server.claim()
  await open.putCode()
  const agent = open.start()
  await approvePending(pairing, open)
  await says(open, /MAC address .* also belongs to worker-9 \(joining.*next try in/)
  t.match(await reaches(pairing, 'worker-1', 'approved'), { attempts: { length: 0 } })
  await pairing.operator.reject('worker-9', { reason: 'a copy' })
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  await eventually('its check is over', async () => (await uniqueness(pairing, 'worker-1')) === undefined)
})
