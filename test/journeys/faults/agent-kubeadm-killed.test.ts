import { type Stage, stageLines } from '@joinery/fake-machine'
import { onceAt, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

t.test('kubeadm that is killed at any stage costs at most one attempt', async (t) => {
  const pairing = await openPairing(t)
  const names = Object.keys(stageLines) as Stage[]
  for (const [number, stage] of names.entries()) {
    await t.test(`the machine joins after kubeadm is killed at ${stage}`, async (t) => {
      const open = await openWithCode(t, pairing, `worker-${number}`)
      open.machine.killNextJoin(stage, 'printed')
      const agent = open.start()
      await approvePending(pairing, open)
      t.equal(await agent.ended, 'done')
      const { attempts } = await reaches(pairing, open.name, 'ready')
      const [first, ...others] = attempts
      // from its start on the kubelet may be quicker than the agent
      if (number <= names.indexOf('kubelet-start')) t.equal(others.length, 1)
      if (stage === 'joined') t.equal(others.length, 0)
      await assertJoined(t, pairing, open, attempts.length)
      t.ok(attempts.length <= 2)
      if (others.length > 0) t.match(first?.failure, /^transient: kubeadm was killed\nat: /)
    })
  }
})

t.test('a kubelet that gets its certificate while the attempt is closed goes on in the same attempt', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const { machine } = open
  // dead just before the kubelet is started, which asks once the agent has seen that kubeadm is dead
  machine.killNextJoin('kubelet-start', 'printed')
  onceAt(open, 'close: before machine.closeJoin', async () => {
    await machine.joining.startKubelet()
    await eventually(
      'the kubelet has its certificate',
      async () => (await machine.looking.joinState()).certificate !== undefined
    )
  })
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 1)
  t.notOk(open.steps.includes('report-failed'))
})
