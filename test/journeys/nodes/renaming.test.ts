import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const enrolled = async (pairing: Pairing, name: string) => {
  const machine = await pairing.machine()
  const { code } = await pairing.code()
  await machine.enrol(code, { name })
  return { machine, code }
}

t.test('a machine without a name in its code may change its name until its claim, and waits again', async (t) => {
  const pairing = await openPairing(t)
  const { machine, code } = await enrolled(pairing, 'worker-1')
  t.match(await machine.enrol(code, { name: 'worker-2' }), { state: 'pending', name: 'worker-2' })
  await approve(pairing, 'worker-2')
  t.match(await machine.enrol(code, { name: 'worker-3' }), { state: 'pending', name: 'worker-3' })
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
})

t.test('a machine that was approved for one name cannot take another one with its credential', async (t) => {
  const pairing = await openPairing(t)
  const { machine, code } = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  const { token } = await claimToken(machine)
  t.match(await machine.enrol(code, { name: 'control-plane-1' }), { state: 'joining', name: 'worker-1' })
  const { csr } = await askForCertificate(pairing, token, 'control-plane-1')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
  t.match(await pairing.operator.show('worker-1'), { state: 'frozen' })
})

t.test('a machine keeps the name of its claim after a failed attempt', async (t) => {
  const pairing = await openPairing(t)
  const { machine, code } = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  const { attempt } = await machine.server.claim()
  await machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
  t.match(await machine.enrol(code, { name: 'worker-2' }), { state: 'approved', name: 'worker-1' })
  t.match(await machine.server.claim(), { nodeName: 'worker-1' })
})

t.test('a broken name is always refused', async (t) => {
  const pairing = await openPairing(t)
  const { machine, code } = await enrolled(pairing, 'worker-1')
  for (const name of ['worker-1,metadata.name=x', '\u001b[31m', 'x'.repeat(254), 'Worker']) {
    t.equal(await refusedWith(machine.enrol(code, { name })), 'invalid-name', JSON.stringify(name.slice(0, 40)))
  }
  t.match(await pairing.operator.show('worker-1'), { state: 'pending', revision: 1 })
})
