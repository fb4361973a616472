import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined } from '@joinery/testing/agents/outcomes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

t.test('two agents on one machine never make two attempts', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agents = [open.start(), open.start()]
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  t.same(await Promise.all(agents.map(({ ended }) => ended)), ['done', 'done'])
})

t.test('two agents on one machine make one second attempt after the first one fails', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('kubelet-start', ['error: something is not as it should be'])
  const agents = [open.start(), open.start()]
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open, 2)
  t.same(await Promise.all(agents.map(({ ended }) => ended)), ['done', 'done'])
})
