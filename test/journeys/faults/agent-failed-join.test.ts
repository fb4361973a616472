import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onceAt, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { retry } from '@joinery/testing/pairing/steps'
import t from 'tap'

const broken = ['error: error execution phase kubelet-start: something is not as it should be']

t.test('a join that fails is closed, reported and reset, and tried again', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('kubelet-start', broken)
  const order: string[] = []
  open.watch = async (moment) => {
    const { bootstrapConf } = await open.machine.looking.joinState()
    if (/machine\.closeJoin|server\.outcome|machine\.reset/.test(moment)) order.push(moment)
    if (moment === 'report-failed: before server.outcome') t.notOk(bootstrapConf, 'closed before it is reported')
  }
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 2)
  t.same(order.slice(0, 6), [
    'close: before machine.closeJoin',
    'close: after machine.closeJoin',
    'report-failed: before server.outcome',
    'report-failed: after server.outcome',
    'reset: before machine.reset',
    'reset: after machine.reset'
  ])
  const { attempts, agentSaid } = await pairing.operator.show('worker-1')
  t.equal(agentSaid?.attempt, 1)
  const said = agentSaid?.lines.map(({ line }) => line) ?? []
  for (const line of ['claiming the credential', 'closing the attempt that failed']) t.ok(said.includes(line), line)
  t.match(
    attempts[0]?.failure,
    /^machine: something is not as it should be\nat: \[kubelet-start\] Writing kubelet configuration .*\nremedy: /
  )
})

t.test('after three failures an enrolment is failed and waits, and a retry gives another attempt', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  let fails = 3
  open.watch = (moment) => {
    if (moment === 'claim-and-join: before machine.startJoin' && fails-- > 0)
      open.machine.failNextJoin('configuration', broken)
  }
  const agent = open.start()
  await approvePending(pairing, open)
  const failed = await reaches(pairing, 'worker-1', 'failed')
  t.equal(failed.attempts.length, 3)
  await says(open, /^failed: as the machine reports it: machine/)
  t.same(await pairing.cluster.tokens(), [])
  t.match(await open.machine.looking.joinState(), { bootstrapConf: false, kubeletConf: false })
  await retry(pairing, 'worker-1')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 4)
})

t.test('a token that is gone fails the attempt in kubeadm’s words, and the next one has its own token', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  onceAt(open, 'claim-and-join: before machine.startJoin', async () => {
    for (const token of await pairing.cluster.tokens()) await pairing.cluster.deleteToken(token)
  })
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 2)
  const { attempts } = await pairing.operator.show('worker-1')
  t.match(attempts[0]?.failure, /^credential: .* expired, or was deleted.*\nat: \[preflight\][\s\S]*: Unauthorized/)
})

t.test('kubeadm that cannot start is started again in the same attempt', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  onceAt(open, 'claim-and-join: before machine.startJoin', () => {
    throw new Error('Failed to connect to system scope bus')
  })
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 1)
})

t.test('a kubeadm that fails after the kubelet’s certificate undoes nothing, and the node becomes Ready', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('joined', broken)
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.notOk(open.steps.includes('close'))
  t.equal((await open.machine.looking.joinState()).unit, 'failed')
})

t.test('a join by hand before the report of the failure is not undone', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const { machine } = open
  machine.failNextJoin('kubelet-start', broken)
  onceAt(open, 'report-failed: before server.outcome', async () => {
    await machine.joining.reset()
    await machine.files.write('/etc/kubernetes/kubelet.conf', 'theirs', 0o600)
    const certificate = await readFile(join(pairing.config.state, 'tls.crt'), 'utf8')
    await machine.files.write('/var/lib/kubelet/pki/kubelet-client-current.pem', certificate, 0o600)
  })
  open.start()
  await approvePending(pairing, open)
  await says(open, /^approved, waits until preflight passes: .*earlier-join/)
  t.ok(await open.has('/etc/kubernetes/kubelet.conf'))
  t.notOk(open.steps.includes('reset'))

  await machine.joining.reset()
  await assertJoined(t, pairing, open, 2)
})

t.test('a token that expires between claim and kubeadm is renewed for the same approval', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  onceAt(open, 'claim-and-join: before machine.startJoin', () => pairing.clock.advance(11 * 60_000))
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 2)
  const { attempts, timeline } = await pairing.operator.show('worker-1')
  t.not(attempts[0]?.tokenId, attempts[1]?.tokenId)
  t.equal(timeline.filter(({ event }) => event === 'approve').length, 1, 'nobody approved again')
})

t.test('after a failed attempt the agent says why, and when it tries again, and waits', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('preflight', ['\t[ERROR Swap]: running with swap on is not supported'])
  const agent = open.start()
  await approvePending(pairing, open)
  await says(open, /^attempt 1 failed: kubeadm refuses this machine: Swap: .*; next try in \d+ s$/)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 2)
  const { attempts } = await pairing.operator.show('worker-1')
  t.match(attempts[0]?.failure, /^machine: kubeadm refuses this machine: Swap: .*\nat: .*\nremedy: swapoff -a\n/)
})

t.test('while preflight fails after a failed attempt, no other attempt begins', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const { machine } = open
  machine.failNextJoin('preflight', ['\t[ERROR Swap]: running with swap on is not supported'])
  onceAt(open, 'report-failed: before server.outcome', () => machine.breakCheck('swap', 'swap is on', 'swapoff -a'))
  open.start()
  await approvePending(pairing, open)
  await says(open, /^approved, waits until preflight passes: swap/)
  open.clock.pass(3_600_000)
  const waiting = await reaches(pairing, 'worker-1', 'approved')
  t.equal(waiting.attempts.length, 1)
  t.match((await open.journal()).failures, [{ attempt: 1, failure: { class: 'machine', remedy: ['swapoff -a'] } }])
  machine.mendCheck('swap')
  await assertJoined(t, pairing, open, 2)
})
