import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'

const day = 24 * 60 * 60_000

const expires = async ({ operator }: Pairing, name: string) => {
  const { since, expires } = await operator.show(name)
  return expires === undefined ? undefined : Date.parse(expires) - Date.parse(since)
}
const state = async ({ operator }: Pairing, name: string) => (await operator.show(name)).state

t.test('an enrolment says when its state ends, and ends then', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  t.equal(await expires(pairing, 'worker-1'), 7 * day)
  await approve(pairing, 'worker-1')
  t.equal(await expires(pairing, 'worker-1'), day)
  pairing.clock.advance(day)
  await pairing.reconcile()
  t.equal(await state(pairing, 'worker-1'), 'expired')
  t.equal(await expires(pairing, 'worker-1'), undefined, 'this state does not end')
  t.match((await pairing.operator.list()).items, [{ expires: undefined }])
})

t.test('the lifetimes are configurable', async (t) => {
  const pairing = await openPairing(t, { lifetimes: { pending: '2h', approved: '3d' } })
  await enrolled(pairing, 'worker-1')
  await enrolled(pairing, 'worker-2')
  t.equal(await expires(pairing, 'worker-1'), day / 12)
  await approve(pairing, 'worker-1')
  t.equal(await expires(pairing, 'worker-1'), 3 * day)
  pairing.clock.advance(day / 12)
  await pairing.reconcile()
  t.same([await state(pairing, 'worker-1'), await state(pairing, 'worker-2')], ['approved', 'expired'])
  pairing.clock.advance(2.5 * day)
  await pairing.reconcile()
  t.equal(await state(pairing, 'worker-1'), 'approved')
  pairing.clock.advance(day)
  await pairing.reconcile()
  t.equal(await state(pairing, 'worker-1'), 'expired')
})
