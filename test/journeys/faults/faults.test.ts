import { join } from 'node:path'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { readyz } from '@joinery/testing/pairing/readyz'
import {
  approved,
  askForCertificate,
  claimToken,
  refusedWith,
  register,
  retry,
  withApprovedCsr
} from '@joinery/testing/pairing/steps'
import t from 'tap'
import { damage } from '../../contract/damage.ts'

const failure = { outcome: 'failed', class: 'machine', stage: '[preflight]', output: ['error: ...'] } as const
const attemptLasts = 600_000

t.test('a claim that is repeated, also by a server that was restarted, gets the same credential', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const first = await claimToken(machine)
  t.same(await machine.server.claim(), first)
  await pairing.restart()
  t.same(await machine.server.claim(), first)
  t.equal((await pairing.cluster.tokens()).length, 1)
})

t.test('a server that died after the commit and before the Secret makes it at the next claim', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const first = await claimToken(machine)
  await pairing.cluster.deleteToken(first.token.slice(0, 6))
  await pairing.restart()
  t.same(await machine.server.claim(), first)
  t.same(await pairing.cluster.tokens(), [first.token.slice(0, 6)])
})

t.test('two claims at once make one attempt and one token', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const [one, other] = await Promise.all([machine.server.claim(), machine.server.claim()])
  t.same(one, other)
  t.equal((await pairing.operator.show('worker-1')).attempts.length, 1)
})

t.test('a server that restarts between request and approval approves the request then', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const { token } = await claimToken(machine)
  await pairing.restart()
  const { csr, key } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.restart()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: true })
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined')
})

t.test('a failed attempt is followed by another one, three in all, and a retry gives three more', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const tokens = new Set<string>()
  for (const attempt of [1, 2, 3]) {
    const credential = await claimToken(machine)
    t.equal(credential.attempt, attempt, `attempt ${attempt}`)
    tokens.add(credential.token)
    const after = await machine.server.outcome({ ...failure, output: [...failure.output], attempt })
    t.equal(after.state, attempt < 3 ? 'approved' : 'failed', `attempt ${attempt}`)
    t.same(await pairing.cluster.tokens(), [], 'the token goes with its attempt')
  }
  t.equal(tokens.size, 3, 'each attempt has a token of its own')
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
  t.match(await pairing.operator.show('worker-1'), {
    message: 'failed: as the machine reports it: machine, at: [preflight]'
  })
  await retry(pairing, 'worker-1')
  t.match(await machine.server.claim(), { attempt: 4 })
})

t.test('the cause and the remedy of a failed attempt are kept, and come first', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await machine.server.claim()
  const told = {
    ...failure,
    cause: 'swap is on',
    remedy: ['swapoff -a'],
    output: ['[ERROR Swap]: it is on'],
    attempt: 1
  }
  await machine.server.outcome(told)
  const { message, attempts, timeline } = await pairing.operator.show('worker-1')
  t.equal(message, 'approved, waiting for the agent; attempt 1 failed: as the machine reports it: machine: swap is on')
  const text = 'machine: swap is on\nat: [preflight]\nremedy: swapoff -a\n[ERROR Swap]: it is on'
  t.equal(attempts[0]?.failure, text)
  t.equal(timeline.at(-1)?.detail, `attempt 1: as the machine reports it: ${text}`)
  for (const wrong of [
    { ...told, cause: 'x'.repeat(513) },
    { ...told, remedy: Array.from({ length: 5 }, () => 'ls') },
    { ...told, remedy: ['x'.repeat(257)] }
  ]) {
    t.equal(await refusedWith(machine.server.outcome(wrong)), 'invalid-request', JSON.stringify(wrong).slice(0, 60))
  }
})

t.test('a failure that is reported twice counts once', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await machine.server.claim()
  const report = () => machine.server.outcome({ ...failure, output: [], attempt: 1 })
  await report()
  t.match(await report(), { state: 'approved', attempt: 1 })
  t.match(await machine.server.claim(), { attempt: 2 })
})

t.test('an attempt ends at its deadline, its token goes, and the next claim is another attempt', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await machine.server.claim()
  pairing.clock.advance(attemptLasts)
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
  t.match(await pairing.operator.show('worker-1'), { state: 'approved', message: /attempt 1 failed: no Node until/ })
  t.match(await machine.server.claim(), { attempt: 2 })
})

t.test('a Node that comes after the deadline still counts, for the same machine', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  pairing.clock.advance(attemptLasts)
  await pairing.reconcile()
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined')
})

t.test('while the cluster is away no token is made, and the server goes on afterwards', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await pairing.cluster.goDown()
  t.equal(await refusedWith(machine.server.claim()), 'cluster-unavailable')
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), {
    state: 'approved',
    message: /cluster unreachable since 2026-01-01/
  })
  await pairing.cluster.comeBack()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('the sweep deletes a token that could not be deleted', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await machine.server.claim()
  await pairing.cluster.goDown()
  await pairing.operator.reject('worker-1', { reason: 'no' })
  await pairing.cluster.comeBack()
  t.equal((await pairing.cluster.tokens()).length, 1)
  await pairing.restart()
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a Ready Node with a silent agent becomes ready, not confirmed, with an alert', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined')
  pairing.clock.advance(600_000)
  await pairing.reconcile()
  const { state, confirmed, timeline } = await pairing.operator.show('worker-1')
  t.same([state, confirmed], ['ready', false])
  t.match(timeline.at(-1), { event: 'become-ready', alert: true })
})

t.test('a certificate that was not issued for the machine does not make it ready', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: 'ABCD' }
  await machine.server.outcome({ outcome: 'ready', certificate })
  // the pass that registers the Node is the first that sees it: the watch's, or this one. The next one judges the certificate.
  await pairing.reconcile()
  await pairing.reconcile()
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'joined')
  // when the pass that sees the Node Ready comes is the watch's to say
  t.match(
    timeline.findLast(({ event }) => event !== 'node-condition'),
    { event: 'conflict', alert: true }
  )
})

t.test('a damaged store acknowledges nothing, turns readyz red, and tells the operator', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  t.match(await readyz(pairing), { statusCode: 200 })
  damage(join(pairing.config.state, 'joinery.db'), 'enrolments')
  t.equal(await refusedWith(machine.enrol(code)), 'store-damaged')
  const red = { statusCode: 503, text: /^\[-\]store failed: the database is damaged$/m }
  t.match(await readyz(pairing), red)
  t.equal(await refusedWith(pairing.code('worker-2')), 'store-damaged', 'the codes are whole, the file is not')
  t.match(await readyz(pairing), red)
  await t.rejects(pairing.operator.status(), {
    code: 'store-damaged',
    remedy: /joinery.db-wal and joinery.db-shm away together/
  })
  await pairing.restart()
  t.equal(await refusedWith(machine.enrol(code)), 'store-damaged')
  t.match(await readyz(pairing), red)
})
