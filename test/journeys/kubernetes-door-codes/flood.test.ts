import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import t from 'tap'

t.test('C8: who makes more Codes than a look reads keeps those of nobody else unread', async (t) => {
  const pairing = await openDoorPairing(t, undefined, { codes: { page: 5, listed: 20, judged: 5 } })
  await pairing.cluster.goDown()
  for (let count = 0; count < 60; count += 1) await pairing.invite({ name: `i-${count}`, by: 'ivan' })
  const { object } = await pairing.invite({ name: 'worker-1' })
  await pairing.cluster.comeBack()
  await pairing.codeIs(object, 'open')
  t.match((await pairing.operator.status()).remedies.join('\n'), /more than 20 Codes/, 'his are not all read')
})
