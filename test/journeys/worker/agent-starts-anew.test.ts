import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { type AgentMachine, type AgentOptions, onceAt, openMachine } from '@joinery/testing/agents/agents'
import { becomeLeftover } from '@joinery/testing/agents/leftover'
import { approvePending, assertJoined, says, waitsPending } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const atRuntime: AgentOptions = { config: { remediate: 'runtime' } }

const openLeftover = async (
  t: Test,
  options: AgentOptions = {},
  stays?: (pairing: Pairing) => Promise<void>
): Promise<{ pairing: Pairing; open: AgentMachine; resets: () => number }> => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing, 'worker-1', options)
  await becomeLeftover(pairing, open, stays && (() => stays(pairing)))
  let resets = 0
  open.watch = (moment) => void (moment.endsWith(': before machine.reset') && resets++)
  return { pairing, open, resets: () => resets }
}

const earlierJoin = async (pairing: Pairing) =>
  (await pairing.operator.show('worker-1')).preflight.find(({ name }) => name === 'earlier-join')

t.test('at level runtime a machine whose Node is gone takes its own join back and joins by a new code', async (t) => {
  const { pairing, open, resets } = await openLeftover(t, atRuntime)
  const { certificate } = await open.machine.looking.joinState()
  await open.putCode()
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.equal(resets(), 1)
  t.not((await open.machine.looking.joinState()).certificate?.serial, certificate?.serial)
})

t.test('with a code of level runtime the agent takes its join back after an approval', async (t) => {
  const { pairing, open, resets } = await openLeftover(t)
  const policy = { remediate: 'runtime' as const, ignore: [] }
  const { code } = await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, policy })
  await open.putCode(code)
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.equal(resets(), 1)
})

t.test('at level safe the agent names the remedy and the level, and a reset by hand is enough', async (t) => {
  const { pairing, open, resets } = await openLeftover(t)
  await open.putCode()
  const agent = open.start()
  await approvePending(pairing, open)
  await says(open, /^approved, waits until preflight passes: .*earlier-join/)
  t.match(await earlierJoin(pairing), {
    verdict: 'fail',
    finding: /^left by an earlier join of this agent: /,
    mends: 'runtime',
    remedy: ['kubeadm reset', /^# or let the agent do it: remediate: runtime in /]
  })
  t.equal(resets(), 0)
  t.ok(await open.has('/etc/kubernetes/kubelet.conf'))
  await open.machine.joining.reset()
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a machine that was reset by hand joins by a new code, in the first attempt', async (t) => {
  const { pairing, open } = await openLeftover(t)
  await open.machine.joining.reset()
  await open.putCode()
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a Ready node with a new code stays a node, and the code is not used', async (t) => {
  const { open, resets } = await openLeftover(t, atRuntime, async () => {})
  await open.putCode()
  t.equal(await open.start().ended, 'done')
  t.equal(resets(), 0)
  t.same(open.steps, ['finish'])
  t.ok(await open.has('/etc/joinery/code'))
})

t.test('a refused code does not end a node that is ill', async (t) => {
  const { pairing, open, resets } = await openLeftover(t, atRuntime)
  const { code } = await pairing.code('worker-1', 60)
  pairing.clock.advance(60_000)
  await open.putCode(code)
  open.start()
  await says(open, /^expired at .*; failing for/)
  t.equal(resets(), 0)
  t.ok(await open.has('/etc/kubernetes/kubelet.conf'))
})

t.test('without a new code a machine whose Node is gone stays as it is', async (t) => {
  const { open, resets } = await openLeftover(t, atRuntime)
  t.equal(await open.start().ended, 'done')
  t.equal(resets(), 0)
  t.same(open.steps, ['finish'])
})

t.test('a node that becomes Ready again before the reset is not reset', async (t) => {
  const setReady = (pairing: Pairing, ready: 'True' | 'Unknown') =>
    pairing.cluster.setNodeReady('worker-1', ready, 'Kubelet', 'it says so')
  const { pairing, open, resets } = await openLeftover(t, atRuntime, (pairing) => setReady(pairing, 'Unknown'))
  const { watch } = open
  onceAt(open, 'start-anew: after files.write /var/lib/joinery-agent/journal.json', async () => {
    open.watch = watch
    await setReady(pairing, 'True')
  })
  await open.putCode()
  open.start()
  await says(open, /^the earlier join is not taken back: the Node worker-1 is Ready$/)
  t.equal(resets(), 0)
  t.ok(await open.has('/etc/kubernetes/kubelet.conf'))
})

t.test('a later join by hand stays, and no level is named that would undo it', async (t) => {
  const { pairing, open, resets } = await openLeftover(t, atRuntime)
  const certificate = await readFile(join(pairing.config.state, 'tls.crt'), 'utf8')
  await open.machine.files.write('/var/lib/kubelet/pki/kubelet-client-current.pem', certificate, 0o600)
  await open.putCode()
  open.start()
  await approvePending(pairing, open)
  await says(open, /^approved, waits until preflight passes: .*earlier-join/)
  const check = await earlierJoin(pairing)
  t.match(check, { verdict: 'fail', finding: /belongs, or belonged, to a cluster/, remedy: ['kubeadm reset'] })
  t.equal(check?.mends, undefined)
  t.equal(resets(), 0)
})

t.test('an earlier join is not taken back while a package manager is at work', async (t) => {
  const { pairing, open, resets } = await openLeftover(t, atRuntime)
  const { files } = open.machine
  await files.write('/var/lib/dpkg/lock', '', 0o640)
  await files.write('/proc/locks', '1: POSIX  ADVISORY  WRITE 77 fd:00:0 0 EOF\n', 0o444)
  await open.putCode()
  const agent = open.start()
  await says(open, /^nothing is mended yet: .*\/var\/lib\/dpkg\/lock$/)
  t.equal(resets(), 0)
  await files.remove('/proc/locks')
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  t.equal(resets(), 1)
})

t.test('a machine that loses power before the reset, and is Ready again, stays a node', async (t) => {
  const { pairing, open } = await openLeftover(t, atRuntime, async ({ cluster }) => {
    await cluster.deleteNodeAsAdmin('worker-1')
    await cluster.unban('worker-1')
  })
  onceAt(open, 'mend: before machine.reset', () => open.reboot())
  await open.putCode()
  open.start()
  await says(open, /^the earlier join is not taken back: the Node worker-1 is Ready$/)
  t.ok(await open.has('/etc/kubernetes/kubelet.conf'))
  await waitsPending(pairing, open)
  t.equal(await refusedWith(approve(pairing, 'worker-1')), 'name-in-use')
})

const cuts: Record<string, [Moment, (open: AgentMachine) => unknown]> = {
  'in the reset, when the certificate is gone': [
    'mend: before machine.reset',
    ({ machine }) => machine.files.remove('/var/lib/kubelet/pki/kubelet-client-current.pem')
  ],
  'after the reset': ['mend: after machine.reset', () => {}]
}
for (const [when, [moment, act]] of Object.entries(cuts)) {
  t.test(`a machine that loses power ${when} still takes its join back`, async (t) => {
    const { pairing, open } = await openLeftover(t, atRuntime)
    onceAt(open, moment, async () => {
      await act(open)
      await open.reboot()
    })
    await open.putCode()
    open.start()
    await eventually('it has booted', () => open.steps.filter((step) => step === 'ask').length > 0)
    await approvePending(pairing, open)
    await assertJoined(t, pairing, open)
  })
}

t.test('two agents that start again on one machine come to one Node', async (t) => {
  const { pairing, open } = await openLeftover(t, atRuntime)
  await open.putCode()
  const agents = [open.start(), open.start()]
  await approvePending(pairing, open)
  t.same(await Promise.all(agents.map(({ ended }) => ended)), ['done', 'done'])
  await assertJoined(t, pairing, open)
})
