import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'

/** Operators' entries of the enrolment. */
const said = async ({ operator }: DoorPairing): Promise<string[]> =>
  (await operator.show(name)).timeline.filter(({ actor }) => actor === 'operator').map(({ event }) => event)

/** Makes a Decision as bob, in the name of alice. */
const forge = async ({ operator, decisions }: DoorPairing) => {
  const { id, role, key, revision } = await operator.show(name)
  return decisions.create({ enrolment: id, role, verdict: 'approve', key, revision, by: 'alice' }, 'bob')
}

t.test('a forged Decision is not applied, not even when the policy is there again', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  await t.rejects(forge(pairing), { message: /a decision names who made it: bob/ })
  const undo = await pairing.cluster.unbindPolicy('joinery-decisions')
  const forged = await forge(pairing)
  t.match(await pairing.settled(forged), { result: 'refused', code: 'cluster-unsafe' })
  t.match((await pairing.operator.status()).remedies.join('\n'), /joinery-decisions/)
  t.match(pairing.log, /the policy joinery-decisions is missing/)
  pairing.decisions.putBack(forged)
  await undo()
  t.match(await pairing.settled(forged), { result: 'refused', code: 'cluster-unsafe' }, 'it is not judged again')
  t.same(await said(pairing), [])
})

t.test('a Decision counts again once the server has seen that the policy is back', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const undo = pairing.cluster.weaken('joinery-decisions')
  await pairing.settled(await forge(pairing))
  const late = pairing.decisions.late('page')
  const looked = pairing.reader().look()
  await late.carriedOut
  const unseen = await forge(pairing)
  undo()
  late.arrive()
  await looked
  await pairing.reader().look()
  t.match(await pairing.settled(unseen), { result: 'refused', code: 'cluster-unsafe' }, 'made before that look')
  pairing.clock.advance(2000)
  t.match(await pairing.settled(await pairing.decide(name, 'approve')), { result: 'applied' })
  t.same(await said(pairing), ['approve'])
})

t.test('a policy that goes away while the list is read protects nothing that is in the list', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('page')
  const decision = await pairing.decide(name, 'approve')
  await late.carriedOut
  const undo = await pairing.cluster.unbindPolicy('joinery-decisions')
  late.arrive()
  t.match(await pairing.settled(decision), { result: 'refused', code: 'cluster-unsafe' })
  await undo()
  t.same(await said(pairing), [])
})

t.test('a policy that comes back while the list is read protects nothing that is in the list', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('page')
  const undo = pairing.cluster.weaken('joinery-decisions')
  const forged = await forge(pairing)
  await late.carriedOut
  undo()
  late.arrive()
  t.match(await pairing.settled(forged), { result: 'refused', code: 'cluster-unsafe' })
  t.same(await said(pairing), [])
})

t.test('a look that fails while the policy is away does not forget that it was away', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('page')
  const undo = pairing.cluster.weaken('joinery-decisions')
  const forged = await forge(pairing)
  await late.carriedOut
  undo()
  late.lose()
  t.match(await pairing.settled(forged), { result: 'refused', code: 'cluster-unsafe' })
  t.same(await said(pairing), [])
})

t.test(
  'a Decision that is older than the policy is not applied, though nobody saw that the policy was away',
  async (t) => {
    const pairing = await openDoorPairing(t)
    await enrolled(pairing)
    pairing.cluster.silenceWatches()
    const undo = await pairing.cluster.unbindPolicy('joinery-decisions')
    const forged = await forge(pairing)
    await undo()
    // the API server heeds the policy a moment later
    pairing.clock.advance(1000)
    const unheeded = await pairing.decide(name, 'approve')
    await pairing.reader().look()
    for (const one of [forged, unheeded]) {
      t.match(await pairing.settled(one), { result: 'refused', code: 'cluster-unsafe' })
    }
    pairing.clock.advance(3000)
    const honest = await pairing.decide(name, 'approve')
    await pairing.reader().look()
    t.match(await pairing.settled(honest), { result: 'applied' })
  }
)
