import { stages } from '@joinery/agent/testing/journal'
import type { JoinState } from '@joinery/agent/testing/machine'
import { stageLines } from '@joinery/fake-machine'
import { type AgentMachine, openWithCode } from '@joinery/testing/agents/agents'
import { assertJoined, noTokenIsLeft, reaches, waitsPending } from '@joinery/testing/agents/outcomes'
import { rebootWhen } from '@joinery/testing/agents/reboot-when'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, approveAfterFailure } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const pendingMachine = async (t: Test, pairing: Pairing, name: string): Promise<AgentMachine> => {
  const open = await openWithCode(t, pairing, name)
  open.start()
  await waitsPending(pairing, open)
  return open
}

t.test('a machine that loses power in the middle of a join begins another attempt', async (t) => {
  const pairing = await openPairing(t)
  for (const [reached, stage] of ['the start', ...Object.keys(stageLines)].slice(0, -1).entries()) {
    await t.test(`the machine joins after a power cut at ${stage}`, async (t) => {
      const open = await pendingMachine(t, pairing, `worker-${reached}`)
      const rebooted = rebootWhen(
        open,
        ({ unit, output, certificate }) =>
          unit === 'running' && stages(output).length === reached && certificate === undefined
      )
      await approve(pairing, open.name)
      await assertJoined(t, pairing, open, 2)
      t.match(rebooted(), { unit: 'absent', bootstrapConf: false })
      const { attempts } = await pairing.operator.show(open.name)
      t.match(attempts[0]?.failure, /^transient: .*a power cut or a reboot/)
    })
  }
})

t.test('after a power cut the journal shows at least how far kubeadm had come', async (t) => {
  const pairing = await openPairing(t)
  const open = await pendingMachine(t, pairing, 'worker-1')
  const pause = shortSleep(2)
  let done = false
  open.watch = async (moment) => {
    if (done || moment !== 'follow: after files.write /var/lib/joinery-agent/journal.json') return
    const { attempt } = await open.journal()
    if (attempt?.phases?.at(-1)?.name !== 'kubelet-start') return
    done = true
    t.equal(attempt.phases[0]?.ended, true)
    t.match(attempt.before, { chains: false }, 'what was there before is known')
    await open.reboot()
  }
  open.machineClock.watch = () => pause(2)
  approveAfterFailure(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  await assertJoined(t, pairing, open, 2)
  const { attempts } = await pairing.operator.show('worker-1')
  t.match(attempts[0]?.failure, /^transient: .*power cut or a reboot\nat: \[kubelet-start\] /)
})

t.test('a kubelet that has its certificate goes on after a power cut, in the same attempt', async (t) => {
  const pairing = await openPairing(t)
  const moments: Record<string, (state: JoinState) => boolean> = {
    'while kubeadm does not know it yet': ({ certificate, bootstrapConf }) =>
      certificate !== undefined && bootstrapConf,
    'when kubeadm has ended': ({ unit }) => unit === 'succeeded'
  }
  for (const [number, [when, is]] of Object.entries(moments).entries()) {
    await t.test(`the kubelet goes on ${when}`, async (t) => {
      const open = await pendingMachine(t, pairing, `worker-${number}`)
      const rebooted = rebootWhen(open, is)
      await approve(pairing, open.name)
      await assertJoined(t, pairing, open, 1)
      t.match(rebooted(), { unit: 'absent', bootstrapConf: false })
    })
  }
})

t.test('a machine that loses power in each attempt has as many attempts as any other', async (t) => {
  const pairing = await openPairing(t)
  const open = await pendingMachine(t, pairing, 'worker-1')
  open.machineClock.watch = async () => {
    const { unit, output } = await open.machine.looking.joinState()
    if (unit === 'running' && stages(output).length === 5) await open.reboot()
  }
  await approve(pairing, 'worker-1')
  t.equal((await reaches(pairing, 'worker-1', 'failed')).attempts.length, 3)
  await noTokenIsLeft(pairing)
  t.match(await open.machine.looking.joinState(), { unit: 'absent', bootstrapConf: false })
})
