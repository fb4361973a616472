import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, retry } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

const day = 24 * 3600_000

const expire = async (pairing: Pairing): Promise<void> => {
  pairing.clock.advance(7 * day)
  await pairing.reconcile()
}

t.test('an enrolment that expired is retried, approved, and joins, with the code of before', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await says(open, /waiting for approval/)
  await expire(pairing)
  await says(open, /^expired/)
  t.match(await retry(pairing, 'worker-1'), { state: 'pending', message: 'waiting for approval' })
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  const { timeline } = await pairing.operator.show('worker-1')
  t.match(
    timeline.slice(0, 4).map(({ event }) => event),
    ['enrol', 'expire', 'retry', 'approve']
  )
})

/** A machine whose first enrolment expired, and that enrolled again with a new code. */
const enrolledAgain = async (pairing: Pairing) => {
  const machine = await pairing.machine()
  const enrol = async () => (await machine.enrol((await pairing.code('worker-1')).code)).id
  const first = await enrol()
  await expire(pairing)
  return { machine, enrol, first, second: await enrol() }
}

const own = async (machine: TestMachine) => (await machine.server.wait(0, 0, new AbortController().signal))?.id

t.test('an enrolment is not retried if its machine has a newer one', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  const { machine, enrol, first, second } = await enrolledAgain(pairing)
  const refused = async (state: string, code: string, remedy: RegExp) => {
    const message = `the same machine has enrolled again since: ${second} (${state})`
    await t.rejects(retry(pairing, first), { code, message, remedy })
    t.match(await operator.show(first), { state: 'expired' })
  }
  await refused('pending', 'already-enrolled', /joinery show/)
  await operator.reject(second, { reason: 'not today' })
  await refused('rejected', 'illegal-event', /joinery code create --name worker-1$/)

  const third = await enrol()
  t.equal(await own(machine), third, 'the remedy works')
  await approve(pairing, third)
  t.match(await machine.server.claim(), { nodeName: 'worker-1' })
})

t.test('of two expired enrolments of a machine only the newer one is retried', async (t) => {
  const pairing = await openPairing(t)
  const { machine, first, second } = await enrolledAgain(pairing)
  await expire(pairing)
  await t.rejects(retry(pairing, first), {
    code: 'illegal-event',
    remedy: `retry that one: joinery retry ${second}`
  })
  await retry(pairing, second)
  await approve(pairing, second)
  t.match(await machine.server.claim(), { nodeName: 'worker-1' })
})
