import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** Makes a Code as bob, in the name of alice. */
const forge = ({ codes, clock }: DoorPairing, hash = 'ab'.repeat(32)) => {
  const expires = new Date(clock.now().getTime() + 60_000).toISOString()
  return codes.create({ hash, name: 'worker-9', role: 'worker', expires, by: 'alice' }, 'bob')
}

t.test('a forged Code makes no code, not even when the policy is there again', async (t) => {
  const pairing = await openDoorPairing(t)
  await t.rejects(forge(pairing), { message: /a code names who made it: bob/ })
  const undo = await pairing.cluster.unbindPolicy('joinery-codes')
  const forged = await forge(pairing)
  t.match(await pairing.codeIs(forged, 'refused'), { code: 'cluster-unsafe', message: /joinery-codes/ })
  t.match((await pairing.operator.status()).remedies.join('\n'), /a Code by somebody else is not refused/)
  t.match(pairing.log, /the policy joinery-codes is missing: no Code is accepted/)
  await undo()
  pairing.codes.editStatus(forged.name, undefined)
  t.match(await pairing.codeIs(forged, 'refused'), { code: 'cluster-unsafe' }, 'it is not judged again')
  t.same((await pairing.operator.listCodes()).items, [])
})

t.test('a Code counts again once the server has seen that the policy is back', async (t) => {
  const pairing = await openDoorPairing(t)
  const undo = pairing.cluster.weaken('joinery-codes')
  await pairing.codeIs(await forge(pairing), 'refused')
  const late = pairing.codes.late('page')
  const looked = pairing.codeReader().look()
  await late.carriedOut
  const unseen = await forge(pairing, 'cd'.repeat(32))
  undo()
  late.arrive()
  await looked
  await pairing.codeReader().look()
  t.match(await pairing.codeIs(unseen, 'refused'), { code: 'cluster-unsafe' }, 'made before that look')
  pairing.clock.advance(2000)
  await pairing.codeIs((await pairing.invite()).object, 'open')
})

t.test('a policy that goes away while the list is read protects nothing that is in the list', async (t) => {
  const pairing = await openDoorPairing(t)
  const late = pairing.codes.late('page')
  const { code, object } = await pairing.invite()
  await late.carriedOut
  const undo = await pairing.cluster.unbindPolicy('joinery-codes')
  late.arrive()
  t.match(await pairing.codeIs(object, 'refused'), { code: 'cluster-unsafe' })
  await undo()
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-not-accepted')
})

t.test('a Code that is deleted is revoked while the policy is away, too', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite()
  await pairing.codeIs(object, 'open')
  await pairing.cluster.unbindPolicy('joinery-codes')
  await pairing.codes.remove(object.name)
  await pairing.codeReader().look()
  t.equal((await pairing.operator.showCode(object.name)).status, 'revoked')
})
