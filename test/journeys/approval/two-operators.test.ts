import { connect } from '@joinery/cli/testing/session'
import { openWithCode } from '@joinery/testing/agents/agents'
import { assertJoined, waitsPending } from '@joinery/testing/agents/outcomes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import type { Test } from 'tap'
import t from 'tap'

/** Two operators, each with a connection of their own: neither waits for the other's answer. */
const openOperators = async (t: Test) => {
  const pairing = await openPairing(t)
  const second = connect(pairing.config.operators.socket)
  t.teardown(() => second.close())
  const operators = [pairing, { ...pairing, operator: second }] as const
  return { pairing, operators }
}

/** What happened to the machine by an operator's hand, in order. */
const decisions = async ({ operator }: Pairing, name: string): Promise<string[]> =>
  (await operator.show(name)).timeline.filter(({ actor }) => actor === 'operator').map(({ event }) => event)

t.test('two operators who approve at once approve once, and the machine joins once', async (t) => {
  const { pairing, operators } = await openOperators(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await waitsPending(pairing, open)
  const refused = await Promise.all(operators.map((one) => refusedWith(approve(one, 'worker-1'))))
  t.same(refused, [undefined, undefined], 'both wanted just that')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.same(await decisions(pairing, 'worker-1'), ['approve'])
})

for (const approvesFirst of [true, false]) {
  const order = approvesFirst ? 'approves and one rejects' : 'rejects and one approves'
  t.test(`of two operators, one ${order}, and the machine ends rejected, without a credential`, async (t) => {
    const { pairing, operators } = await openOperators(t)
    const open = await openWithCode(t, pairing)
    const agent = open.start()
    await waitsPending(pairing, open)
    const [approver, rejecter] = operators
    const { revision, key } = await approver.operator.show('worker-1')
    const acts = [
      () => refusedWith(approver.operator.approve('worker-1', { revision, key })),
      () => refusedWith(rejecter.operator.reject('worker-1', { reason: 'no' }))
    ]
    const answers = await Promise.all((approvesFirst ? acts : acts.toReversed()).map((act) => act()))
    const [approved, rejected] = approvesFirst ? answers : answers.toReversed()
    t.equal(rejected, undefined, 'who rejects is always heeded')
    t.equal(await agent.ended, 'done')
    t.match(await pairing.operator.show('worker-1'), { state: 'rejected' })
    t.same(await decisions(pairing, 'worker-1'), approved === undefined ? ['approve', 'reject'] : ['reject'])
    t.same(await pairing.cluster.tokens(), [])
    t.notOk(await open.has('/etc/kubernetes/kubelet.conf'), 'nothing is left of a join')
  })
}

t.test('of two operators who name different keys as the right one only one succeeds', async (t) => {
  const { pairing, operators } = await openOperators(t)
  const [one, other] = [await pairing.machine(), await pairing.machine()]
  const { code } = await pairing.code('worker-1')
  await one.enrol(code)
  await refusedWith(other.enrol(code))
  const keys = [one, other].map(({ identity }) => identity.fingerprint)
  const refused = await Promise.all(
    operators.map(({ operator }, index) => refusedWith(operator.release('worker-1', { key: keys[index] ?? '' })))
  )
  t.same([...refused].sort(), ['illegal-event', undefined])
  const { state, key } = await pairing.operator.show('worker-1')
  t.match({ state, key }, { state: 'pending', key: keys[refused.indexOf(undefined)] })
})
