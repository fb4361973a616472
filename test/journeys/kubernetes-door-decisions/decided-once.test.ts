import { eventually } from '@joinery/testing/clocks/eventually'
import { ready } from '@joinery/testing/pairing/joined'
import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'

/** Operators' entries of the enrolment. */
const said = async ({ operator }: DoorPairing, reference = name): Promise<string[]> =>
  (await operator.show(reference)).timeline.filter(({ actor }) => actor === 'operator').map(({ event }) => event)

t.test('a Decision whose status was lost is not applied again, and gets its status', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const decision = await pairing.decide(name, 'approve')
  await pairing.settled(decision)
  const { operator } = pairing
  await operator.reject(name, { reason: 'later' })
  pairing.decisions.putBack(decision)
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' }, 'the first result')
  t.same(await said(pairing), ['approve', 'reject'])
})

t.test('a server that ends after the commit and before the status says the result when it is back', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('settle')
  const decision = await pairing.decide(name, 'approve')
  await late.carriedOut
  // what the API server took is undone, as if the call had never arrived
  pairing.decisions.putBack(decision)
  await pairing.restart()
  late.lose()
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
  t.same(await said(pairing), ['approve'])
})

t.test('a server that ends before the commit applies the Decision when it is back', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('page')
  const decision = await pairing.decide(name, 'approve')
  await late.carriedOut
  t.same(await said(pairing), [])
  await pairing.restart()
  late.lose()
  t.match(await pairing.settled(decision), { result: 'applied' })
  t.same(await said(pairing), ['approve'])
})

t.test('an answer that comes late applies nothing that was decided meanwhile', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('page')
  const decision = await pairing.decide(name, 'approve')
  await late.carriedOut
  await pairing.operator.reject(name, { reason: 'over the socket' })
  late.arrive()
  t.match(await pairing.settled(decision), { result: 'refused', code: 'revision-changed' })
  t.same(await said(pairing), ['reject'])
})

t.test('a Decision that somebody labels while it is settled gets its status all the same', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const late = pairing.decisions.late('page')
  const decision = await pairing.decide(name, 'approve')
  await late.carriedOut
  pairing.decisions.touch(decision.name)
  late.arrive()
  t.match(await pairing.settled(decision), { result: 'applied' })
  t.same(await said(pairing), ['approve'])
})

t.test('a status that is not written is tried again soon, and not at the next sweep', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const { settle } = pairing.decisions
  pairing.decisions.settle = async () => undefined
  const decision = await pairing.decide(name, 'approve')
  await eventually('it is applied', async () => (await said(pairing)).includes('approve'))
  t.equal(await pairing.reader().look(), 'later')
  pairing.decisions.settle = settle
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
  t.same(await said(pairing), ['approve'])
  t.not(await pairing.reader().look(), 'later')
})

t.test('two that read the same Decision at once apply it once', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const [one, other] = [pairing.decisions.late('page'), pairing.decisions.late('page')]
  const decision = await pairing.decide(name, 'approve')
  await one.carriedOut
  const looked = pairing.reader().look()
  await other.carriedOut
  one.arrive()
  other.arrive()
  await t.resolves(looked)
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
  t.same(await said(pairing), ['approve'])
})

t.test('a Decision stays open while the cluster cannot be asked, and is applied later', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const undo = pairing.cluster.overload({ status: 429, message: 'too many requests', retryAfter: 1 })
  const decision = await pairing.decide(name, 'approve')
  await eventually('the server was turned away', async () => /cannot be read or carried out/.test(pairing.log))
  t.equal((await pairing.decisions.read(decision.name))?.status, undefined)
  undo()
  await pairing.restart()
  t.match(await pairing.settled(decision), { result: 'applied' })
})

t.test('a replace that was cut after it made room goes on when the server is back', async (t) => {
  const pairing = await openDoorPairing(t)
  await ready(pairing, name)
  const [node] = await pairing.cluster.nodes()
  const machine = await enrolled(pairing)
  const { items } = await pairing.operator.list()
  const { id = '' } = items.find(({ key }) => key === machine.identity.fingerprint) ?? {}
  const real = pairing.cluster.deleteNode
  let cut = false
  Object.assign(pairing.cluster, {
    deleteNode: async () => {
      cut = true
      throw new Error('the power was cut')
    }
  })
  const decision = await pairing.decide(id, 'replace', { node: node?.uid })
  await eventually('it is cut', async () => cut)
  t.equal((await pairing.decisions.read(decision.name))?.status, undefined, 'it is open')
  Object.assign(pairing.cluster, { deleteNode: real })
  await pairing.restart()
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
  t.same(await said(pairing, id), ['replace', 'approve'])
})

t.test('a replace stays open while Pods of the Node are left, and goes on when they are gone', async (t) => {
  const pairing = await openDoorPairing(t)
  await ready(pairing, name)
  const [node] = await pairing.cluster.nodes()
  await pairing.cluster.bindPod('proxy', name)
  const machine = await enrolled(pairing)
  const { items } = await pairing.operator.list()
  const { id = '' } = items.find(({ key }) => key === machine.identity.fingerprint) ?? {}
  const decision = await pairing.decide(id, 'replace', { node: node?.uid })
  await eventually('room is made', async () => (await said(pairing, id)).includes('replace'))
  t.equal(await pairing.reader().look(), 'later')
  t.equal((await pairing.decisions.read(decision.name))?.status, undefined)
  await pairing.cluster.deletePod('proxy')
  await pairing.reader().look()
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
  t.same(await said(pairing, id), ['replace', 'approve'])
})

t.test('an approval over the socket is as before, and has no Decision', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  await approve(pairing, name)
  const { timeline } = await pairing.operator.show(name)
  t.notOk(timeline.some((entry) => 'decision' in entry))
})
