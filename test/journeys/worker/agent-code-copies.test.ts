import { spentCode } from '@joinery/agent/testing/code'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { type AgentMachine, onceAt, openMachine } from '@joinery/testing/agents/agents'
import { playLives } from '@joinery/testing/agents/lives'
import { approvePending, assertJoined, reaches } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

const copy = '/var/lib/cloud/instances/i-1/user-data.txt'

/** The machine whose code came by cloud-init, which keeps a copy. `copyAgain` is a boot from a seed that is attached. */
const openByCloudInit = async (t: Test, pairing: Pairing) => {
  const { code } = await pairing.code('worker-1')
  const open = await openMachine(t, pairing)
  const copyAgain = () => open.machine.files.write(copy, `content: ${code}\n`, 0o600)
  await open.putCode(code)
  await copyAgain()
  return { open, code, copyAgain }
}
const kept = (open: AgentMachine) => open.machine.files.read(copy)
const wiped = `content: ${spentCode}\n`

t.test('cloud-init keeps no copy of a code that was used, and the machine joins', async (t) => {
  const pairing = await openPairing(t)
  const { open } = await openByCloudInit(t, pairing)
  const agent = open.start()
  await reaches(pairing, 'worker-1', 'pending')
  await eventually('the copy is wiped', async () => (await kept(open)) === wiped)
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

const moments: Moment[] = [
  `enrol: before files.edit ${copy}`,
  `enrol: after files.edit ${copy}`,
  'enrol: before files.remove /etc/joinery/code'
]

t.test('a machine that loses power around its enrolment still wipes the copy, with one enrolment', (t) =>
  playLives(
    t,
    moments,
    (moments) => `the copy is wiped after a power cut in ${moments}`,
    async (t, left) => {
      const pairing = await openPairing(t)
      const { open } = await openByCloudInit(t, pairing)
      open.watch = async (moment) => {
        if (left.delete(moment)) await open.reboot()
      }
      open.start()
      await eventually('it waits', () => left.size === 0 && open.steps.at(-1) === 'wait')
      t.equal(await kept(open), wiped)
      t.notOk(await open.has('/etc/joinery/code'))
      t.equal((await pairing.operator.list()).items.length, 1)
    }
  )
)

t.test('a copy that cloud-init writes again at a boot is wiped again', async (t) => {
  const pairing = await openPairing(t)
  const { open, copyAgain } = await openByCloudInit(t, pairing)
  open.start()
  await eventually('it waits', () => open.steps.at(-1) === 'wait')
  await copyAgain()
  await open.reboot()
  await eventually('the copy is wiped', async () => (await kept(open)) === wiped)
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  await copyAgain()
  t.equal(await open.start().ended, 'done')
  t.equal(await kept(open), wiped)
})

t.test('a code file that is written from a wiped copy holds no code', async (t) => {
  const pairing = await openPairing(t)
  const { open } = await openByCloudInit(t, pairing)
  open.start()
  await eventually('it waits', () => open.steps.at(-1) === 'wait')
  await open.putCode(spentCode)
  await open.reboot()
  await eventually('it waits again', () => open.steps.at(-1) === 'wait')
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
})

t.test('the copy of an unused code stays', async (t) => {
  const pairing = await openPairing(t)
  const { open, code } = await openByCloudInit(t, pairing)
  onceAt(open, 'enrol: before server.enrol', async () => {
    t.equal(await kept(open), `content: ${code}\n`)
  })
  open.start()
  await reaches(pairing, 'worker-1', 'pending')
})
