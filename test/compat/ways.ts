import type { openMachine } from '@joinery/testing/agents/agents'
import { insist } from '@joinery/testing/agents/insist'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { grant, keysOf } from '@joinery/testing/pairing/control-planes'
import type { openPairing } from '@joinery/testing/pairing/pairing'
import type { Test } from 'tap'

/** A server and agents, each of this tree or of an earlier commit. */
export interface Sides {
  openPairing: typeof openPairing
  openMachine: typeof openMachine
}

/** Ways of a machine that agent and server must go together, whichever of the two is the older one. */
export const goTheWays = (t: Test, { openPairing, openMachine }: Sides): void => {
  t.test('a worker enrols, waits for approval, joins by a token, and is Ready', async (t) => {
    const pairing = await openPairing(t)
    const open = await openMachine(t, pairing)
    await open.putCode()
    const agent = open.start()
    await approvePending(pairing, open)
    await assertJoined(t, pairing, open)
    t.equal(await agent.ended, 'done')
  })

  t.test('a worker joins by a certificate', async (t) => {
    const pairing = await openPairing(t, { credential: 'certificate' })
    const open = await openMachine(t, pairing)
    await open.putCode()
    const agent = open.start()
    const { joinKey } = await approvePending(pairing, open)
    t.match(joinKey, /^sha256:/)
    await assertJoined(t, pairing, open)
    t.equal(await agent.ended, 'done')
  })

  t.test('a worker whose first attempt fails joins by the next attempt', async (t) => {
    const pairing = await openPairing(t)
    const open = await openMachine(t, pairing)
    open.machine.failNextJoin('kubelet-start', ['error: error execution phase kubelet-start: i/o timeout'])
    await open.putCode()
    const agent = open.start()
    await approvePending(pairing, open)
    await assertJoined(t, pairing, open, 2)
    t.equal(await agent.ended, 'done')
  })

  t.test('a worker that is rejected gives up', async (t) => {
    const pairing = await openPairing(t)
    const open = await openMachine(t, pairing)
    await open.putCode()
    const agent = open.start()
    await says(open, /^waiting for approval/)
    await insist('it is rejected', () => pairing.operator.reject(open.name, { reason: 'not ours' }))
    t.equal(await agent.ended, 'done')
    t.match(await pairing.operator.show(open.name), { state: 'rejected', attempts: { length: 0 } })
  })

  t.test('a control plane gets the keys of the cluster from root, and is Ready', async (t) => {
    const pairing = await openPairing(t)
    const open = await openMachine(t, pairing, 'cp-2')
    const { code } = await pairing.operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane' })
    await open.putCode(code)
    const agent = open.start()
    await approvePending(pairing, open)
    await says(open, /joinery grant cp-2/)
    const keys = await keysOf(pairing)
    await insist('it is granted', () => grant(pairing, 'cp-2', keys))
    await assertJoined(t, pairing, open)
    t.equal(await agent.ended, 'done')
  })
}
