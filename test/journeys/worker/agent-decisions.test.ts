import { stages } from '@joinery/agent/testing/journal'
import { type AgentMachine, type AgentOptions, onceAt, openMachine, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, noTokenIsLeft, reaches, says } from '@joinery/testing/agents/outcomes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

const day = 24 * 3600_000

t.test('a rejection ends the agent, and leaves no secret', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await reaches(pairing, 'worker-1', 'pending')
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  t.equal(await agent.ended, 'done')
  t.same(open.steps.at(-1), 'give-up')
  t.notOk(await open.has('/etc/joinery/code'))
  t.equal(await open.start().ended, 'done', 'at the next boot too')
})

t.test('a rejection between approval and claim ends the agent', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  onceAt(open, 'claim-and-join: before server.claim', () => pairing.operator.reject('worker-1', { reason: 'not ours' }))
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a rejection in the middle of kubeadm ends the join, and the agent', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machineClock.watch = async () => {
    const { unit, output } = await open.machine.looking.joinState()
    if (unit !== 'running' || stages(output).length !== 4) return
    await pairing.operator.reject('worker-1', { reason: 'not ours' }).catch(() => undefined)
  }
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  t.match(await open.machine.looking.joinState(), { unit: 'failed', bootstrapConf: false })
  t.same(await pairing.cluster.nodes(), [], 'no Node')
  await noTokenIsLeft(pairing)
})

t.test('an enrolment that nobody approves expires, and a new code begins another one', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  const first = await reaches(pairing, 'worker-1', 'pending')
  pairing.clock.advance(7 * day)
  await pairing.reconcile()
  await says(open, /expired/)

  await open.putCode()
  const second = await reaches(pairing, 'worker-1', 'pending')
  t.not(second.id, first.id)
  t.equal(second.key, first.key)
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await reaches(pairing, second.id, 'ready')
  t.match(await pairing.operator.show(first.id), { state: 'expired' })
})

t.test('a second key freezes the enrolment, which goes on after a release of the right key', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing)
  const thief = await openMachine(t, pairing, 'thief')
  const { code } = await pairing.code('worker-1')
  await open.putCode(code)
  await thief.putCode(code)
  const agent = open.start()
  const { key } = await reaches(pairing, 'worker-1', 'pending')
  thief.start()
  await reaches(pairing, 'worker-1', 'frozen')
  await says(thief, /^The code is not accepted/)
  await says(open, /^frozen: the code was presented by a second key/)
  t.notOk(open.steps.includes('claim-and-join'))
  await pairing.operator.release('worker-1', { key })
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('an approved machine waits while preflight fails, and goes on by itself after the repair', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.breakCheck('swap', 'swap is on: /dev/vda2', 'swapoff -a')
  const agent = open.start()
  const { preflight } = await approvePending(pairing, open)
  t.match(
    preflight.filter(({ verdict }) => verdict === 'fail'),
    [{ name: 'swap', finding: /on/, remedy: ['swapoff -a'] }]
  )
  await says(open, /^approved, waits until preflight passes: swap/)
  t.notOk(open.steps.includes('claim-and-join'), 'no claim')
  t.same(await pairing.cluster.tokens(), [], 'and no token')
  open.machine.mendCheck('swap')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

/** apt is at work, as dpkg's lock says; a file in memory has no inode but 0. */
const startApt = async (open: AgentMachine): Promise<void> => {
  await open.machine.files.write('/var/lib/dpkg/lock-frontend', '', 0o640)
  await open.machine.files.write('/proc/locks', '1: POSIX  ADVISORY  WRITE 812 08:01:0 0 EOF\n', 0o444)
  await open.machine.files.write('/proc/812/comm', 'apt-get\n', 0o444)
}
const unmended = ['kernel-modules', 'sysctls']
/** By its own configuration: it need not enrol to know. */
const toldToMend: AgentOptions = { config: { remediate: 'safe' } }

t.test('an agent that apt installs mends after apt, and then enrols with the new facts', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing, 'worker-1', toldToMend)
  await startApt(open)
  open.watch = async () => {
    if (open.steps.filter((step) => step === 'mend').length > 3) await open.machine.files.remove('/proc/locks')
  }
  const agent = open.start()
  const { preflight } = await approvePending(pairing, open)
  t.same(
    preflight.filter(({ name, verdict }) => unmended.includes(name) && verdict !== 'pass'),
    []
  )
  t.ok(open.said.includes('nothing is mended yet: apt-get (process 812) holds /var/lib/dpkg/lock-frontend'))
  t.equal(await agent.ended, 'done')
})

t.test('an agent whose apt does not end enrols after a minute, and mends later', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing, 'worker-1', toldToMend)
  await startApt(open)
  const agent = open.start()
  const { preflight } = await approvePending(pairing, open)
  t.same(
    preflight.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name),
    unmended
  )
  await says(open, /^approved, waits until preflight passes/)
  await open.machine.files.remove('/proc/locks')
  t.equal(await agent.ended, 'done')
})
