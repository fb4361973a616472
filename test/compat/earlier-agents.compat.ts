import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { insist } from '@joinery/testing/agents/until'
import { clusterKeys, grant } from '@joinery/testing/pairing/control-planes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { checkOut, isHere } from './earlier.ts'

/** Machines that have this agent must still come in: nobody installs a machine anew because its server was. */
const commit = '79a4ba3'

t.setTimeout(180_000)

type Agents = typeof import('@joinery/testing/agents/agents')

const skip = (await isHere(commit)) ? false : `this clone does not have ${commit}: git fetch --unshallow`

t.test(`agents of ${commit} work with the present server`, { skip }, async (t) => {
  const earlier = await checkOut(t, commit)
  const { openMachine } = (await earlier('test/journeys/agents.ts')) as Agents

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
    t.match(await pairing.operator.show(open.name), { state: 'rejected', attempts: [] })
  })

  t.test('a control plane gets the keys of the cluster from root, and is Ready', async (t) => {
    const pairing = await openPairing(t)
    const open = await openMachine(t, pairing, 'cp-2')
    const { code } = await pairing.operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane' })
    await open.putCode(code)
    const agent = open.start()
    await approvePending(pairing, open)
    await says(open, /joinery grant cp-2/)
    const { certificateAuthority } = await pairing.cluster.endpoint()
    await insist('it is granted', () => grant(pairing, 'cp-2', { ...clusterKeys, 'ca.crt': certificateAuthority }))
    await assertJoined(t, pairing, open)
    t.equal(await agent.ended, 'done')
  })
})
