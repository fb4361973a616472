import { agentRoutes, type OwnEnrolment, type Problem } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'

const name = 'worker-1'
const elsewhere = '127.0.0.2'
const noticed = { event: 'evidence-changed', detail: `source address changed from 127.0.0.1 to ${elsewhere}` }

/** A machine that was approved at 127.0.0.1, and whoever has its key at another address. */
const approvedMachine = async (t: Test) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  return { pairing, machine, ...from(t, pairing, machine) }
}

/** Calls by the machine's key from `elsewhere`. */
const from = (t: Test, { url }: Pairing, { identity: { certificate: cert, key } }: TestMachine) => {
  const dispatcher = new Agent({ localAddress: elsewhere, connect: { cert, key, rejectUnauthorized: false } })
  t.teardown(() => dispatcher.close())
  const call = async <T>({ method, path }: { method: 'GET' | 'POST'; path: string }): Promise<T> =>
    (await (await request(`${url}${path}`, { method, dispatcher })).body.json()) as T
  return {
    claims: async () => (await call<Problem>(agentRoutes.claim)).code,
    looks: () => call<OwnEnrolment>(agentRoutes.wait)
  }
}

t.test('a claim from another address gets nothing, and the machine waits again', async (t) => {
  const { pairing, machine, claims } = await approvedMachine(t)
  t.equal(await claims(), 'illegal-event')
  t.same(await pairing.cluster.tokens(), [])
  const { state, address, timeline } = await pairing.operator.show(name)
  t.same([state, address], ['pending', elsewhere])
  t.match(timeline.at(-1), noticed)
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event', 'nor does it from where it was approved')
  t.equal((await pairing.operator.show(name)).state, 'pending', 'nobody but an operator brings it back')
})

t.test('a look from another address sends the machine back to pending', async (t) => {
  const { pairing, machine, looks } = await approvedMachine(t)
  t.match(await looks(), { state: 'pending' })
  await approve(pairing, name)
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event', 'approved is the new address, not the old one')
})

t.test('another address after the claim is noted, and holds nobody up', async (t) => {
  const { pairing, machine, looks } = await approvedMachine(t)
  const credential = await claimToken(machine)
  t.match(await looks(), { state: 'joining', attempt: 1 })
  t.match((await pairing.operator.show(name)).timeline.at(-1), noticed)
  t.same(await claimToken(machine), credential)
})
