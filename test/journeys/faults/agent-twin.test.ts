import t from 'tap'
import { openWithCode } from '../agents.ts'
import { approvePending, assertJoined } from '../outcomes.ts'
import { openPairing } from '../pairing.ts'

t.test('two agents on one machine never make two attempts', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agents = [open.start(), open.start()]
  await approvePending(pairing, open)
  t.same(await Promise.all(agents.map(({ ended }) => ended)), ['done', 'done'])
  await assertJoined(t, pairing, open)
})

t.test('nor do they where the first attempt fails', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('kubelet-start', ['error: something is not as it should be'])
  const agents = [open.start(), open.start()]
  await approvePending(pairing, open)
  t.same(await Promise.all(agents.map(({ ended }) => ended)), ['done', 'done'])
  await assertJoined(t, pairing, open, 2)
})
