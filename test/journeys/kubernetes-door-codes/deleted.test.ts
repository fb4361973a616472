import { day, hashCode, hour } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'

const statusOf = async ({ operator }: DoorPairing, id: string) => (await operator.showCode(id)).status
const revoked = (pairing: DoorPairing, id: string) =>
  eventually('the code is revoked', async () => (await statusOf(pairing, id)) === 'revoked')
/** Entries of the code about its revocation. */
const said = async ({ operator }: DoorPairing, id: string) =>
  (await operator.showCode(id)).timeline.filter(({ event }) => event === 'revoke')

t.test('a Code that is deleted revokes its code, and the timeline says so', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  await pairing.codes.remove(object.name)
  await revoked(pairing, object.name)
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-revoked')
  t.match(await said(pairing, object.name), [{ actor: 'cluster', detail: 'its Code was deleted in Kubernetes' }])
})

t.test('a Code that is deleted after one of three uses ends the others, and the machine goes on', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite({ name: 'worker-{n}', uses: 3 })
  await pairing.codeIs(object, 'open')
  await (await pairing.machine()).enrol(code)
  await pairing.codes.remove(object.name)
  await revoked(pairing, object.name)
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-revoked')
  t.equal((await approve(pairing, name)).state, 'approved')
})

t.test('a used Code that is deleted lets no second key stop its machine', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  await (await pairing.machine()).enrol(code)
  await pairing.codeIs(object, 'used')
  await pairing.codes.remove(object.name)
  await revoked(pairing, object.name)
  await (await pairing.machine()).enrol(code).catch(() => undefined)
  const { state, timeline } = await pairing.operator.show(name)
  t.equal(state, 'pending')
  t.match(
    timeline.filter(({ event }) => event === 'revoke'),
    [{ actor: 'cluster', detail: `code ${object.name}: its Code was deleted in Kubernetes` }]
  )
})

t.test('a Code that is deleted and made again, or put back, is refused', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  await pairing.codes.remove(object.name)
  await revoked(pairing, object.name)
  const again = await pairing.codes.create(object.spec as object)
  t.match(await pairing.codeIs(again, 'refused'), { code: 'code-over', message: /make a new code/ })
  await pairing.codes.remove(object.name)
  pairing.codes.putBack(object)
  t.match(await pairing.codeIs(object, 'revoked'), { state: 'revoked', used: 0 }, 'as etcd had it: it stays revoked')
})

t.test('a Code with the hash of a code of the socket is refused, and revokes nothing', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, id } = await pairing.code(name)
  const { object } = await pairing.invite({ hash: hashCode(code) })
  t.match(await pairing.codeIs(object, 'refused'), { code: 'code-over' })
  await pairing.codes.remove(object.name)
  await pairing.codeReader().look()
  t.equal(await statusOf(pairing, id), 'open')
})

t.test('a Code stays refused until its end, though its machine came and went', async (t) => {
  const pairing = await openDoorPairing(t)
  const expires = new Date(pairing.clock.now().getTime() + 29 * day).toISOString()
  const { object } = await pairing.invite({ expires })
  await pairing.codeIs(object, 'open')
  await pairing.codes.remove(object.name)
  await revoked(pairing, object.name)
  pairing.clock.advance(28 * day)
  for (let count = 0; count < 3; count += 1) await pairing.reconcile()
  const again = await pairing.codes.create(object.spec as object)
  t.match(await pairing.codeIs(again, 'refused'), { code: 'code-over' })
})

t.test('a list that was cut, or a cluster that does not answer, revokes nothing', async (t) => {
  const pairing = await openDoorPairing(t, undefined, { codes: { listed: 2 } })
  const some = [await pairing.invite(), await pairing.invite({ name: 'worker-2' })]
  for (const { object } of some) await pairing.codeIs(object, 'open')
  const [{ object } = { object: { name: '' } }] = some
  const more = [await pairing.invite({ name: 'worker-3' }), await pairing.invite({ name: 'worker-4' })]
  await pairing.codes.remove(object.name)
  t.equal(await pairing.codeReader().look(), 'when-told')
  t.equal(await statusOf(pairing, object.name), 'open', 'three are there, and two are read')
  t.match((await pairing.operator.status()).remedies.join('\n'), /more than 2 Codes.*kubectl get codes/)
  await pairing.codes.remove(more[0]?.object.name ?? '')
  await revoked(pairing, object.name)
  t.notMatch((await pairing.operator.status()).remedies.join('\n'), /more than 2 Codes/)
})

t.test('a cluster that has lost its definition of Codes revokes nothing', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  const undo = pairing.codes.lack()
  await pairing.codes.remove(object.name)
  await pairing.codeReader().look()
  t.equal(await statusOf(pairing, object.name), 'open')
  undo()
  await pairing.codeReader().look()
  t.equal(await statusOf(pairing, object.name), 'revoked', 'it is gone indeed')
})

t.test('a server that ends before it revokes does so when it is back, and once', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  const late = pairing.codes.late('page')
  await pairing.codes.remove(object.name)
  await late.carriedOut
  t.equal(await statusOf(pairing, object.name), 'open')
  await pairing.restart()
  late.lose()
  await revoked(pairing, object.name)
  await pairing.restart()
  await pairing.codeReader().look()
  t.equal((await said(pairing, object.name)).length, 1)
})

t.test('two that miss the same Code at once revoke its code once', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  const [one, other] = [pairing.codes.late('page'), pairing.codes.late('page')]
  await pairing.codes.remove(object.name)
  await one.carriedOut
  const looked = pairing.codeReader().look()
  await other.carriedOut
  one.arrive()
  other.arrive()
  await t.resolves(looked)
  await revoked(pairing, object.name)
  t.equal((await said(pairing, object.name)).length, 1)
})

t.test('a Code that is over goes after seven days, and its code is not revoked for it', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite()
  const refused = await pairing.invite({ name: 'worker-{m}' })
  await pairing.codeIs(object, 'open')
  await (await pairing.machine()).enrol(code)
  await pairing.codeIs(object, 'used')
  await pairing.codeIs(refused.object, 'refused')
  pairing.clock.advance(7 * day - hour)
  await pairing.codeReader().look()
  t.ok(await pairing.codes.read(object.name))
  t.ok(await pairing.codes.read(refused.object.name))
  pairing.clock.advance(2 * hour)
  await pairing.codeReader().look()
  t.equal(await pairing.codes.read(object.name), undefined)
  t.equal(await pairing.codes.read(refused.object.name), undefined)
  await pairing.codeReader().look()
  t.equal(await statusOf(pairing, object.name), 'used')
  t.same(await said(pairing, object.name), [])
})

t.test('a server that ends while it clears a Code revokes nothing when it is back', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  await (await pairing.machine()).enrol(code)
  await pairing.codeIs(object, 'used')
  const late = pairing.codes.late('delete')
  pairing.clock.advance(8 * day)
  const looked = pairing.codeReader().look()
  await late.carriedOut
  t.equal(await pairing.codes.read(object.name), undefined, 'the API server deleted it')
  late.lose()
  await t.rejects(looked, { code: 'cluster-unavailable' })
  await pairing.restart()
  await pairing.codeReader().look()
  t.equal(await statusOf(pairing, object.name), 'used')
})

t.test(
  'beyond the bound the oldest Codes go of those that are over and read, so that the others are read',
  async (t) => {
    const pairing = await openDoorPairing(t, undefined, { codes: { listed: 3, excess: 1 } })
    const over = []
    for (const name of ['worker-2', 'worker-3', 'worker-4']) {
      const { object } = await pairing.invite({ name })
      await pairing.codeIs(object, 'open')
      await pairing.operator.revokeCode(object.name)
      await pairing.codeIs(object, 'revoked')
      pairing.clock.advance(1000)
      over.push(object)
    }
    const { object } = await pairing.invite()
    await pairing.codeIs(object, 'open')
    // the API server lists by name, and three of the four are read
    const [unread] = [...over, object].sort((one, other) => (one.name < other.name ? 1 : -1))
    const oldest = over.find((one) => one !== unread)
    const names = over.map(({ name }) => name)
    // a look deletes after it has said what each Code is
    const left = await eventually('one of them is deleted', async () => {
      const read = names.map(async (name) => (await pairing.codes.read(name)) !== undefined)
      const there = await Promise.all(read)
      return there.includes(false) ? there : undefined
    })
    t.same(
      left,
      over.map((one) => one !== oldest)
    )
  }
)
