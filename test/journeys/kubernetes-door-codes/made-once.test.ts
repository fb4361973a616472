import { hashCode, ProblemError } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { noteAsCopy } from '@joinery/testing/cluster/generation'
import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import t from 'tap'

const listed = async ({ operator }: DoorPairing) => (await operator.listCodes()).items
const created = async ({ operator }: DoorPairing, id: string) =>
  (await operator.showCode(id)).timeline.filter(({ event }) => event === 'create')

t.test('a server that ends before the commit makes the code when it is back', async (t) => {
  const pairing = await openDoorPairing(t)
  const late = pairing.codes.late('page')
  const { object } = await pairing.invite()
  await late.carriedOut
  t.same(await listed(pairing), [])
  await pairing.restart()
  late.lose()
  await pairing.codeIs(object, 'open')
  t.equal((await created(pairing, object.name)).length, 1)
})

t.test('a server that ends after the commit and before the status says it when it is back', async (t) => {
  const pairing = await openDoorPairing(t)
  const late = pairing.codes.late('settle')
  const { object } = await pairing.invite()
  await late.carriedOut
  // what the API server took is undone, as if the call had never arrived
  pairing.codes.editStatus(object.name, undefined)
  await pairing.restart()
  late.lose()
  t.match(await pairing.codeIs(object, 'open'), { state: 'open', used: 0 })
  t.equal((await created(pairing, object.name)).length, 1)
})

t.test('a refusal stands over an end of the server, and over its reason', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code } = await pairing.code('worker-1')
  const late = pairing.codes.late('settle')
  const { object } = await pairing.invite({ hash: hashCode(code) })
  await late.carriedOut
  pairing.codes.editStatus(object.name, undefined)
  await pairing.restart()
  late.lose()
  t.match(await pairing.codeIs(object, 'refused'), { code: 'code-over' })
})

t.test('two that read the same Code at once make one code', async (t) => {
  const pairing = await openDoorPairing(t)
  const [one, other] = [pairing.codes.late('page'), pairing.codes.late('page')]
  const { object } = await pairing.invite()
  await one.carriedOut
  const looked = pairing.codeReader().look()
  await other.carriedOut
  one.arrive()
  other.arrive()
  await t.resolves(looked)
  await pairing.codeIs(object, 'open')
  t.equal((await created(pairing, object.name)).length, 1)
})

t.test('a Code that another reader took in after this list began does not count as deleted', async (t) => {
  const pairing = await openDoorPairing(t)
  await pairing.codeIs((await pairing.invite()).object, 'open')
  const late = pairing.codes.late('page')
  const looked = pairing.codeReader().look()
  await late.carriedOut
  const { object } = await pairing.invite({ name: 'worker-2' })
  // the server's own look may be the one that is late
  await pairing.codeReader().look()
  await pairing.codeIs(object, 'open')
  late.arrive()
  await looked
  t.equal((await pairing.operator.showCode(object.name)).status, 'open')
})

t.test('a list that comes late makes no code of a hash that was taken meanwhile', async (t) => {
  const pairing = await openDoorPairing(t)
  const late = pairing.codes.late('page')
  const { object } = await pairing.invite()
  await late.carriedOut
  await pairing.codes.remove(object.name)
  const again = await pairing.codes.create(object.spec as object)
  await pairing.codeReader().look()
  late.arrive()
  await pairing.codeIs(again, 'open')
  await pairing.codeReader().look()
  t.equal((await created(pairing, object.name)).length, 1)
  t.equal((await pairing.operator.showCode(object.name)).status, 'open', 'the one that is there counts')
})

t.test('a Code that somebody labels while its status is written gets it all the same', async (t) => {
  const pairing = await openDoorPairing(t)
  const late = pairing.codes.late('page')
  const { object } = await pairing.invite()
  await late.carriedOut
  pairing.codes.touch(object.name)
  late.arrive()
  await pairing.codeIs(object, 'open')
})

t.test('a Code stays open while the cluster cannot be asked, and is taken in later', async (t) => {
  const pairing = await openDoorPairing(t)
  await pairing.codeIs((await pairing.invite()).object, 'open')
  const undo = pairing.cluster.overload({ status: 429, message: 'too many requests', retryAfter: 1 })
  const { object } = await pairing.invite({ name: 'worker-2' })
  await eventually('the server was turned away', async () =>
    /the Codes of the cluster cannot be read/.test(pairing.log)
  )
  t.equal((await listed(pairing)).length, 1)
  undo()
  await pairing.restart()
  await pairing.codeIs(object, 'open')
})

t.test('a use is shown when the cluster is back', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  await pairing.cluster.goDown()
  await (await pairing.machine()).enrol(code)
  await eventually('the status could not be written', async () => /the Codes of the cluster cannot/.test(pairing.log))
  await pairing.cluster.comeBack()
  await pairing.codeIs(object, 'used')
})

t.test('a Code that a store from a backup has forgotten is refused', async (t) => {
  const pairing = await openDoorPairing(t)
  await pairing.cluster.goDown()
  const { object } = await pairing.invite()
  pairing.clock.advance(1000)
  await noteAsCopy(pairing, 1000)
  await pairing.cluster.comeBack()
  await pairing.restart()
  t.match(await pairing.codeIs(object, 'refused'), { code: 'code-over', message: /may have forgotten/ })
  pairing.clock.advance(2000)
  await pairing.codeIs((await pairing.invite({ name: 'worker-2' })).object, 'open')
})

t.test('a Code with a status that the store does not know was known to another store', async (t) => {
  const pairing = await openDoorPairing(t)
  const late = pairing.codes.late('page')
  const { object } = await pairing.invite()
  await late.carriedOut
  pairing.codes.editStatus(object.name, { state: 'used', used: 1 })
  late.lose()
  t.match(await pairing.codeIs(object, 'refused'), { code: 'code-over' })
})

t.test('a Code that cannot be judged now holds up no other, and is taken in later', async (t) => {
  const pairing = await openDoorPairing(t, undefined, { codes: { atOnce: 1 } })
  const { network } = pairing.cluster
  pairing.cluster.network = async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'nobody says the network' })
  }
  const waits = await pairing.invite({ role: 'control-plane', name: 'cp-2' })
  await eventually('it could not be judged', async () => /the Codes of the cluster cannot be read/.test(pairing.log))
  const { object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  t.equal((await pairing.codes.read(waits.object.name))?.status, undefined, 'it stays open')
  pairing.cluster.network = network
  await pairing.codeIs(waits.object, 'open')
})
