import { passes } from '@joinery/protocol'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { preflightOf } from '../../contract/machine-fixture.ts'

t.test('an agent enrols, waits for approval, joins, and ends when its node is Ready', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  const { facts } = await approvePending(pairing, open)
  t.match(facts, { hostname: 'worker-1', os: /rehearsal/ })
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)

  const { timeline } = await pairing.operator.show('worker-1')
  const events = timeline.map(({ event }) => event)
  t.same(
    events.filter((event) => event !== 'progress' && event !== 'node-condition'),
    ['enrol', 'approve', 'claim', 'csr-approved', 'certificate-issued', 'register', 'agent-ready', 'become-ready']
  )
  const progress = timeline.filter(({ event }) => event === 'progress').map(({ detail }) => detail)
  t.match(progress[0], /^\[preflight\] Running/)
  t.equal(new Set(progress).size, progress.length, 'each stage once')
})

t.test('the agent mends what it may before the operator sees the machine, and for the next boot', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing, 'worker-1', { config: { remediate: 'safe' } })
  open.start()
  const { preflight } = await reaches(pairing, 'worker-1', 'pending')
  t.same(
    preflight.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped'),
    []
  )
  t.match(open.steps.slice(0, 4), ['observe', 'mend', 'observe', 'enrol'])
  await open.machine.reboot()
  t.ok(
    passes(await open.machine.looking.preflight(preflightOf('172.30.0.1:6443'))),
    'nothing fails after the reboot either'
  )
})

t.test('an agent stops if it is told to, and goes on after its next start', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const first = open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  first.stop()
  t.equal(await first.ended, 'stopped')
  await approve(pairing, 'worker-1')
  t.equal(await open.start().ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a node waits for its network plugin, and the agent says so, and keeps no secret meanwhile', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing, 'worker-1', { networkPlugin: false })
  const agent = open.start()
  await approvePending(pairing, open)
  await says(open, /waiting for the Node to be Ready: .*cni plugin/)
  const message = 'joined, waiting for the network plugin'
  await eventually(message, async () => (await pairing.operator.show('worker-1')).message === message)
  t.same(await open.machine.files.list('/run/joinery-agent'), ['join.log'])
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', 'kubelet is posting ready status')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})
