import { X509Certificate } from 'node:crypto'
import { day, hour, minute } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, retry } from '@joinery/testing/pairing/steps'
import { count, loseNode, lostMachine, reportReady } from '@joinery/testing/pairing/way-back'
import t, { type Test } from 'tap'

const shown = async ({ operator }: Pairing) => operator.show('worker-1')
const lastAlert = async ({ operator }: Pairing) => (await operator.status()).alerts
const ownCsrs = async ({ cluster }: Pairing) =>
  (await cluster.kubeletCsrs()).filter(({ name }) => name.startsWith('joinery-'))

for (const credential of ['token', 'certificate'] as const) {
  // the machine itself joined by a token: a server that was set to certificates since brings it back, too
  t.test(`a machine comes back by an approval, on a server that is set to ${credential}`, async (t) => {
    const pairing = await openPairing(t)
    const lost = await lostMachine(pairing)
    pairing.config.credential = credential
    await pairing.restart()
    const { uid } = (await shown(pairing)).node ?? {}
    t.match(await lost.ask(), { state: 'recovering', recovery: { state: 'waiting' } })
    t.equal(await refusedWith(lost.claim()), 'illegal-event', 'nothing is given before an approval')
    t.match(await shown(pairing), {
      state: 'recovering',
      recovery: { state: 'waiting', changed: { length: 0 }, asked: { reason: 'missing' } }
    })
    await approve(pairing, 'worker-1')
    t.match(await lost.ask(), { state: 'recovering', recovery: { state: 'approved' } }, 'the same ask, the same answer')
    const given = await lost.claim()
    t.match(given, { nodeName: 'worker-1', attempt: 2, server: /^https:/, certificateAuthority: /BEGIN CERTIFICATE/ })
    const { subject, validToDate } = new X509Certificate(given.certificate)
    t.match(subject, 'O=system:nodes\nCN=system:node:worker-1')
    t.equal(validToDate.getTime() - pairing.clock.now().getTime() <= 10 * minute, true)
    t.same(await lost.claim(), given, 'the same claim, the same answer')
    const holder = await lost.renew(given)
    await lost.comeBack(holder)
    const { serialNumber } = new X509Certificate(holder.certificate)
    const after = await shown(pairing)
    t.match(after, { state: 'ready', confirmed: true, recovery: { state: 'over' }, node: { uid, condition: 'Ready' } })
    t.match(after.attempts, [{ number: 1 }, { number: 2, certificateSerial: serialNumber }])
    t.same(
      after.timeline.slice(-8).map(({ event }) => event),
      [
        'recover',
        'approve',
        'claim-recovery',
        'credential-issued',
        'csr-seen',
        'certificate-issued',
        'agent-ready',
        'become-ready'
      ]
    )
    t.equal((await lastAlert(pairing)).count, 0, 'and nobody is alerted')
    t.same(await ownCsrs(pairing), [], 'the server keeps no request of its own')
  })
}

t.test('a second way back counts on, and a third with an answer that was lost', async (t) => {
  const pairing = await openPairing(t, { recover: 'auto 9' })
  const lost = await lostMachine(pairing)
  const back = async (part: Parameters<typeof lost.ask>[0]) => {
    t.match(await lost.ask(part), { recovery: { state: 'approved' } })
    const holder = await lost.renew(await lost.claim())
    await lost.comeBack(holder)
    t.equal((await shown(pairing)).state, 'ready')
    const { serialNumber } = new X509Certificate(holder.certificate)
    await loseNode(pairing, 'worker-1')
    return { serial: serialNumber }
  }
  const first = await back({ next: count('1') })
  const second = await back({ current: count('1'), next: count('2'), ...first })
  // the machine never heard that the server had taken 2 as the next one, and names another
  await back({ current: count('1'), next: count('3'), ...second })
})

t.test('auto N approves N times a year, and then an operator decides', async (t) => {
  const pairing = await openPairing(t, { recover: 'auto 1' })
  const lost = await lostMachine(pairing)
  t.match(await lost.ask(), { recovery: { state: 'approved' } })
  t.match((await shown(pairing)).timeline.at(-1), { actor: 'server', event: 'approve', detail: /policy auto 1/ })
  t.match(await lost.ask({ current: count('1'), next: count('2') }), { recovery: { state: 'waiting' } })
  t.match((await shown(pairing)).recovery, { why: /the policy approved 1 in a year already/ })
  pairing.clock.advance(366 * day)
  await pairing.reconcile()
  t.match(
    await lost.ask({ current: count('2'), next: count('3') }),
    { recovery: { state: 'approved' } },
    'and again a year later'
  )
})

t.test('the policy of its code goes before that of the server', async (t) => {
  const pairing = await openPairing(t, { recover: 'auto 9' })
  const code = await pairing.operator.createCode({ name: 'worker-2', ttl: 600, recover: 'never' })
  t.equal(code.recover, 'never')
  t.match((await pairing.operator.showCode(code.id)).timeline[0], { detail: /recover: never/ })
  pairing.code = (name = '') => pairing.operator.createCode({ name, ttl: 600, recover: 'ask' })
  t.match(await (await lostMachine(pairing)).ask(), { recovery: { state: 'waiting' } })
  const never = await openPairing(t, { recover: 'never' })
  t.equal(await refusedWith((await lostMachine(never)).ask()), 'recovery-refused')
  t.equal((await shown(never)).state, 'ready')
})

t.test('who rejects a way back rejects no machine, and a retry lets it ask again', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await pairing.operator.reject('worker-1', { reason: 'not before noon' })
  await pairing.reconcile()
  t.match(await shown(pairing), {
    state: 'ready',
    message: /its way back is refused: not before noon/,
    recovery: { state: 'refused' }
  })
  t.equal((await pairing.cluster.nodes()).length, 1, 'its Node stays')
  t.same([...(await pairing.cluster.bans())], [], 'and its name is not banned')
  t.equal(await refusedWith(lost.ask()), 'recovery-refused')
  await retry(pairing, 'worker-1')
  t.match(await lost.ask({ current: count('1'), next: count('2') }), { recovery: { state: 'waiting' } })
})

t.test('a retry of a machine that has joined, and needs none, is not possible', async (t) => {
  const pairing = await openPairing(t)
  await lostMachine(pairing)
  t.equal(await refusedWith(retry(pairing, 'worker-1')), 'illegal-event')
})

t.test('an operator approves the ask that was shown, and no later one', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  const { revision, key } = await shown(pairing)
  await lost.ask({ current: count('1'), next: count('2'), reason: 'unreadable' })
  t.equal(await refusedWith(pairing.operator.approve('worker-1', { revision, key })), 'revision-changed')
  const { revision: newer } = await shown(pairing)
  const again = { revision: newer, key }
  await pairing.operator.approve('worker-1', again)
  await pairing.operator.approve('worker-1', again)
  const { timeline } = await shown(pairing)
  t.equal(timeline.filter(({ event }) => event === 'approve').length, 2, 'the same approval again changes nothing')
  t.match(
    await lost.ask({ current: count('2'), next: count('3') }),
    { recovery: { state: 'waiting' } },
    'and covers no other ask'
  )
})

t.test('a Node that is Ready by a Lease which is over comes back, if a person says so', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on', recover: 'auto 9' })
  const lost = await lostMachine(pairing)
  await pairing.cluster.renewLease(lost.lost)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  pairing.clock.advance(2 * minute)
  await lost.ask()
  await pairing.reconcile()
  t.match(await shown(pairing), {
    state: 'recovering',
    recovery: { state: 'waiting', why: /its Lease was renewed last at /, lease: /^2026-/ }
  })
  await approve(pairing, 'worker-1')
  await pairing.reconcile()
  await lost.comeBack(await lost.renew(await lost.claim()))
  t.match(await shown(pairing), { state: 'ready', confirmed: true, recovery: { state: 'over' } })
  t.same(
    (await shown(pairing)).timeline.filter(({ alert }) => alert),
    []
  )
})

t.test('a Node that is Ready again by itself needs no way back', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', recovery: { state: 'over', why: /Ready again by itself/ } })
})

t.test('an ask that nobody decides about is over after a week, and the machine may ask again', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  pairing.clock.advance(7 * day + minute)
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', recovery: { state: 'over', why: /nobody acted in time/ } })
  t.match(await lost.ask({ current: count('1'), next: count('2') }), { recovery: { state: 'waiting' } })
})

t.test('an approval that nobody claims is over after a day', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  pairing.clock.advance(day + minute)
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', recovery: { state: 'over', why: /nobody claimed it/ } })
  t.equal(await refusedWith(lost.claim()), 'illegal-event')
})

/** A machine that has claimed the certificate of its way back. */
const claimed = async (t: Test) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  return { pairing, lost, given: await lost.claim() }
}

t.test('an attempt that the machine gives up ends with its reason, and is told once', async (t) => {
  const { pairing, lost } = await claimed(t)
  const failed = {
    outcome: 'failed',
    attempt: 2,
    class: 'machine',
    stage: 'kubelet',
    cause: 'the kubelet does not start',
    output: [] as string[]
  } as const
  for (const _ of [1, 2]) t.equal((await lost.machine.server.outcome(failed)).state, 'ready')
  const { state, recovery, timeline } = await shown(pairing)
  t.match({ state, recovery }, { state: 'ready', recovery: { state: 'over', why: /the kubelet does not start/ } })
  t.equal(timeline.filter(({ event }) => event === 'end-recovery').length, 1)
  t.equal(await refusedWith(lost.claim()), 'illegal-event', 'one approval is good for one attempt')
  t.same(await ownCsrs(pairing), [])
})

t.test('an attempt without a certificate ends at its deadline', async (t) => {
  const { pairing, lost } = await claimed(t)
  pairing.clock.advance(10 * minute + 1000)
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', recovery: { state: 'over', why: /no certificate was issued/ } })
  t.equal(await refusedWith(lost.claim()), 'illegal-event')
  t.same(await ownCsrs(pairing), [])
})

t.test('a machine that is back while its agent is silent is ready at the deadline, not confirmed', async (t) => {
  const { pairing, lost, given } = await claimed(t)
  await lost.renew(given)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  t.equal((await shown(pairing)).state, 'recovering', 'the agent has its ten minutes')
  pairing.clock.advance(10 * minute + 1000)
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', confirmed: false, recovery: { state: 'over' } })
  t.match(await lastAlert(pairing), { count: 1, last: [{ event: 'become-ready' }] })
})

t.test(
  'a kubelet that holds its certificate while its Node is not Ready ends the way back, without a failure',
  async (t) => {
    const { pairing, lost, given } = await claimed(t)
    await reportReady(lost.machine, await lost.renew(given))
    pairing.clock.advance(10 * minute + 1000)
    await pairing.reconcile()
    const after = await shown(pairing)
    t.match(after, { state: 'ready', recovery: { state: 'over', why: /its Node is not Ready yet/ } })
    t.equal(after.attempts[1]?.failure, undefined)
    t.equal((await lastAlert(pairing)).count, 0)
  }
)

t.test('an operator removes a machine that is on its way back', async (t) => {
  const { pairing, lost } = await claimed(t)
  await pairing.operator.remove('worker-1')
  await pairing.reconcile()
  t.equal((await shown(pairing)).state, 'removed')
  t.equal(await refusedWith(lost.claim()), 'illegal-event')
  t.same([...(await pairing.cluster.bans()).keys()], ['worker-1'])
  t.same(await ownCsrs(pairing), [])
})

t.test('a machine that never was Ready comes back, or is joined as before', async (t) => {
  const pairing = await openPairing(t)
  const { joined } = await import('@joinery/testing/pairing/joined')
  const { machine } = await joined(pairing, 'worker-1')
  await loseNode(pairing, 'worker-1')
  const ask = {
    reason: 'missing',
    next: count('1'),
    joinKey: `sha256:${'a'.repeat(64)}`,
    facts: machine.facts
  } as const
  t.equal((await machine.server.recover(ask)).state, 'recovering')
  await pairing.operator.reject('worker-1', { reason: 'later' })
  t.equal((await shown(pairing)).state, 'joined')
})

t.test('a renewal that the kubelet made itself is known, and another serial is shown beside it', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask({
    reason: 'expired',
    notAfter: new Date(pairing.clock.now().getTime() - hour).toISOString(),
    serial: 'AB'
  })
  const { recovery } = await shown(pairing)
  const { serialNumber, validToDate } = new X509Certificate(lost.lost.certificate)
  t.match(recovery?.lastSeen, { serial: serialNumber, notAfter: validToDate.toISOString() })
  t.match(
    recovery?.why,
    /serial AB, and .* was issued last; it says that its certificate expired, and the one that was issued last ends at/
  )
})

t.test('a report of another time does not end a way back that has no certificate', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  await reportReady(lost.machine, lost.lost)
  t.equal((await shown(pairing)).state, 'recovering')
  await lost.claim()
  await reportReady(lost.machine, lost.lost)
  await pairing.reconcile()
  t.equal((await shown(pairing)).state, 'recovering')
})
