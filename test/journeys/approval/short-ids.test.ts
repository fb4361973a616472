import { openPairing } from '@joinery/testing/pairing/pairing'
import { enrolled, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

t.test('the beginning of an id names its enrolment or its code, and a name wins over it', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  await enrolled(pairing, 'worker-1')
  const { id } = await operator.show('worker-1')
  const { id: code } = await pairing.code('worker-2')
  // an id begins with the time, and goes on at random
  const short = id.slice(0, 23)
  t.match(await operator.show(short), { id })
  t.match(await operator.show(id.slice(0, 20)), { id })
  t.match(await operator.holder(short), { pods: { length: 0 } })
  t.match(await operator.showCode(code.slice(0, 23)), { id: code, timeline: [{ event: 'create' }] })
  for (const unknown of [id.slice(0, 3), `${short.slice(0, 22)}g`, id.slice(1, 24), `${short}%`, `${id}0`]) {
    t.equal(await refusedWith(operator.show(unknown)), 'not-found', unknown)
    t.equal(await refusedWith(operator.showCode(unknown)), 'not-found', unknown)
  }
  t.match(await operator.revokeCode(code.slice(0, 23)), { id: code, status: 'revoked' })
  t.match(
    (await operator.showCode(code)).timeline.at(-1),
    { actor: 'operator' },
    'the timeline is that of the whole id'
  )
  await enrolled(pairing, short)
  t.match(await operator.show(short), { name: short }, 'a machine has this name')
})
