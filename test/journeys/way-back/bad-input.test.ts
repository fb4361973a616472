import { X509Certificate } from 'node:crypto'
import { certificateRequest } from '@joinery/agent/testing/keys'
import { longestRequest, minute, type RecoveryRequest } from '@joinery/protocol'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled, refusedWith, retry } from '@joinery/testing/pairing/steps'
import { count, type LostMachine, lostMachine, reportReady } from '@joinery/testing/pairing/way-back'
import t, { type Test } from 'tap'

const shown = ({ operator }: Pairing) => operator.show('worker-1')
const alertsOf = async (pairing: Pairing) =>
  (await shown(pairing)).timeline.filter(({ alert }) => alert).map(({ event }) => event)
const open = async (t: Test, recover = 'ask') => {
  const pairing = await openPairing(t, { recover })
  return { pairing, lost: await lostMachine(pairing) }
}
const ago = (pairing: Pairing, milliseconds: number) =>
  new Date(pairing.clock.now().getTime() - milliseconds).toISOString()

interface Row {
  /** What somebody sends, or what is true then. */
  what: string
  /** Done before the ask. */
  before?: (pairing: Pairing, lost: LostMachine) => Promise<unknown>
  part?: (pairing: Pairing, lost: LostMachine) => Partial<RecoveryRequest>
  /** Problem code of the answer. Undefined: the machine waits. */
  answer?: string
  state: string
  /** Events of the alerts. */
  alerts: string[]
}

/** The table of docs/how-to/way-back.md: each row by the front door. Each ask comes under the policy auto 9. */
const rows: Row[] = [
  {
    what: 'a machine that says that its certificate expired, and it did not',
    part: (pairing) => ({ reason: 'expired', notAfter: ago(pairing, minute) }),
    state: 'recovering',
    alerts: []
  },
  {
    what: 'a machine that says that its certificate expired, and names an end that has not come',
    part: (pairing) => ({ reason: 'expired', notAfter: ago(pairing, -minute) }),
    state: 'recovering',
    alerts: []
  },
  {
    what: 'a machine that names a certificate which was never issued to it',
    part: () => ({ serial: 'ABCDEF' }),
    state: 'recovering',
    alerts: []
  },
  {
    what: 'a stolen key of the agent, on a machine that tells its own machine id',
    part: (_, { machine }) => ({ facts: { ...machine.facts, machineId: 'e'.repeat(32) } }),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-refused']
  },
  {
    what: 'a stolen key of the agent, on a machine that tells its own system UUID',
    part: (_, { machine }) => ({ facts: { ...machine.facts, productUuid: '11111111-2222-3333-4444-555555555555' } }),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-refused']
  },
  {
    what: 'a stolen key of the agent, on a machine that has other network cards',
    part: (_, { machine }) => ({ facts: { ...machine.facts, macs: ['02:00:00:00:00:01'] } }),
    state: 'recovering',
    alerts: []
  },
  {
    what: 'a copy of the disk, while the Node is Ready',
    before: async ({ cluster, clock }, { ask }) => {
      await cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
      await refusedWith(ask())
      clock.advance(2 * minute)
    },
    answer: 'recovery-not-needed',
    state: 'ready',
    alerts: ['recovery-refused']
  },
  {
    what: 'a machine whose kubelet has just ended, while its Node is Ready still',
    before: async ({ cluster, clock }) => {
      await cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
      clock.advance(minute + 1_000)
    },
    answer: 'recovery-not-yet',
    state: 'ready',
    alerts: []
  },
  {
    what: 'a machine that lost its certificate by a power cut, seconds after its Node became Ready',
    before: async ({ cluster, clock }) => {
      await cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
      clock.advance(20_000)
    },
    answer: 'recovery-not-yet',
    state: 'ready',
    alerts: []
  },
  {
    what: 'a counter although the machine never asked before',
    part: () => ({ current: count('7') }),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-frozen']
  },
  {
    what: 'a counter of long ago',
    before: async (_, { ask }) => {
      await ask()
      await ask({ current: count('1'), next: count('2') })
      await ask({ current: count('2'), next: count('3') })
    },
    part: () => ({ current: count('1'), next: count('9') }),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-frozen']
  },
  {
    what: 'an ask without a counter although there was one',
    before: (_, { ask }) => ask(),
    part: () => ({ next: count('9') }),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-frozen']
  },
  {
    what: 'the same counter with another key for the certificate',
    before: (_, { ask }) => ask(),
    part: () => ({ joinKey: `sha256:${'f'.repeat(64)}` }),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-frozen']
  },
  {
    what: 'a machine while its replacement waits',
    before: (pairing) => enrolled(pairing, 'worker-1'),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-refused']
  },
  {
    what: 'a machine whose name somebody banned',
    before: ({ cluster }) => cluster.banAsAdmin('worker-1'),
    answer: 'recovery-refused',
    state: 'ready',
    alerts: ['recovery-refused']
  },
  {
    what: 'a machine that was removed',
    before: (pairing) => pairing.operator.remove('worker-1'),
    answer: 'recovery-refused',
    state: 'removed',
    alerts: ['recovery-refused']
  },
  {
    what: 'a machine whose Node was deleted',
    before: ({ cluster }) => cluster.deleteNodeAsAdmin('worker-1'),
    answer: 'node-gone',
    state: 'ready',
    alerts: []
  }
]

for (const { what, before, part, answer, state, alerts } of rows) {
  t.test(`${what}: ${answer ?? 'an operator decides'}`, async (t) => {
    const { pairing, lost } = await open(t, 'auto 9')
    await before?.(pairing, lost)
    const { id } = (await pairing.operator.list()).items[0] ?? {}
    const ask = () => lost.ask(part?.(pairing, lost))
    t.equal(await refusedWith(ask()), answer)
    t.equal(await refusedWith(ask()), answer, 'and the same if it asks again')
    const after = await pairing.operator.show(id ?? '')
    t.equal(after.state, state)
    t.same(
      after.timeline.filter(({ alert }) => alert).map(({ event }) => event),
      alerts,
      'alerted once, however often it asks'
    )
    if (answer === undefined) t.match(after.recovery, { state: 'waiting', why: /./ }, 'the operator sees why')
    t.equal(await refusedWith(lost.claim()), 'illegal-event', 'and nobody gets a certificate')
    t.same(
      (await pairing.cluster.kubeletCsrs()).filter(({ name }) => name.startsWith('joinery-')),
      []
    )
    if (state === 'ready') t.equal((await pairing.cluster.bans()).has('worker-1'), what.endsWith('banned'))
  })
}

t.test('a copy that asks again while the Node stays Ready alerts', async (t) => {
  const { pairing, lost } = await open(t, 'auto 9')
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  pairing.clock.advance(minute + 1_000)
  t.equal(await refusedWith(lost.ask()), 'recovery-not-yet')
  t.same(await alertsOf(pairing), [])
  pairing.clock.advance(2 * minute)
  for (let time = 0; time < 2; time += 1) t.equal(await refusedWith(lost.ask()), 'recovery-not-needed')
  t.same(await alertsOf(pairing), ['recovery-refused'])
})

t.test('a key that nobody knows is told nothing', async (t) => {
  const { pairing, lost } = await open(t)
  const stranger = await pairing.machine(lost.machine.facts.machineId)
  const { fingerprint: joinKey } = await newJoinKey()
  const ask = { reason: 'missing', next: count('1'), joinKey, facts: lost.machine.facts } as const
  t.equal(await refusedWith(stranger.server.recover(ask)), 'not-found')
  t.equal(
    await refusedWith(
      stranger.server.claimRecovery({ request: await certificateRequest(await newJoinKey(), 'worker-1') })
    ),
    'not-found'
  )
  t.same(await alertsOf(pairing), [])
})

t.test('a machine that never joined has no way back', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  const { fingerprint: joinKey } = await newJoinKey()
  const ask = { reason: 'missing', next: count('1'), joinKey, facts: machine.facts } as const
  t.equal(await refusedWith(machine.server.recover(ask)), 'recovery-refused')
  t.equal((await shown(pairing)).state, 'pending')
})

t.test('a freeze shows both machines, and only an operator ends it', async (t) => {
  const { pairing, lost } = await open(t, 'auto 9')
  await lost.ask()
  const copy = { next: count('9'), bootId: 'of the copy' }
  t.equal(await refusedWith(lost.ask(copy)), 'recovery-refused')
  const frozen = await shown(pairing)
  t.match(frozen, {
    state: 'ready',
    message: /its way back is frozen: two machines asked with one key/,
    recovery: { state: 'frozen', asked: { bootId: 'boot-1' }, other: { bootId: 'of the copy' } }
  })
  t.equal(
    await refusedWith(lost.ask({ current: count('1'), next: count('2') })),
    'recovery-refused',
    'the right one too'
  )
  t.equal((await pairing.cluster.nodes()).length, 1, 'no Node goes because a copy asked')
  await retry(pairing, 'worker-1')
  t.match(
    await lost.ask({ current: count('1'), next: count('2') }),
    { recovery: { state: 'waiting' } },
    'whatever the policy'
  )
  t.match((await shown(pairing)).recovery, { why: /an operator ended a freeze/ })
  t.equal(await refusedWith(lost.ask({ current: count('1'), next: count('3') })), undefined, 'and counts from there')
  t.equal(await refusedWith(lost.ask({ current: count('8'), next: count('4') })), 'recovery-refused')
})

t.test('a freeze ends an attempt that is open, and takes its certificate away', async (t) => {
  const { pairing, lost } = await open(t)
  await lost.ask()
  await approve(pairing, 'worker-1')
  await lost.claim()
  await refusedWith(lost.ask({ next: count('9') }))
  t.match(await shown(pairing), {
    state: 'ready',
    attempts: [Object, { failure: /another machine with the same key/ }]
  })
  t.equal(await refusedWith(lost.claim()), 'illegal-event')
  t.same(
    (await pairing.cluster.kubeletCsrs()).filter(({ name }) => name.startsWith('joinery-')),
    []
  )
})

/** A machine that has claimed. */
const claimed = async (t: Test) => {
  const { pairing, lost } = await open(t)
  await lost.ask()
  await approve(pairing, 'worker-1')
  return { pairing, lost, given: await lost.claim() }
}

t.test('a claim by another key, or for another name, gets nothing and leaves no trace', async (t) => {
  const { pairing, lost } = await open(t)
  await lost.ask()
  await approve(pairing, 'worker-1')
  const before = await shown(pairing)
  t.equal(await refusedWith(lost.claim(await newJoinKey())), 'request-not-approved')
  const forOther = { request: await certificateRequest(lost.joinKey, 'worker-2') }
  t.equal(await refusedWith(lost.machine.server.claimRecovery(forOther)), 'request-not-approved')
  t.equal(await refusedWith(lost.machine.server.claimRecovery({ request: 'no request' })), 'request-not-approved')
  t.same(await shown(pairing), before)
})

for (const [what, change, answer] of [
  ['was banned since', ({ cluster }) => cluster.banAsAdmin('worker-1'), 'recovery-refused'],
  ['was replaced since', (pairing) => enrolled(pairing, 'worker-1'), 'recovery-refused'],
  ['lost its Node since', ({ cluster }) => cluster.deleteNodeAsAdmin('worker-1'), 'node-gone'],
  ['is Ready again', ({ cluster }) => cluster.setNodeReady('worker-1', 'True', '', ''), 'recovery-not-needed']
] as [string, (pairing: Pairing) => Promise<unknown>, string][]) {
  t.test(`the claim of a machine that ${what} gets nothing`, async (t) => {
    const { pairing, lost } = await open(t)
    await lost.ask()
    await approve(pairing, 'worker-1')
    await change(pairing)
    const refused = await refusedWith(lost.claim())
    // a pass may have ended the way back before the claim
    t.equal(refused === 'illegal-event' ? answer : refused, answer)
    t.same(
      (await pairing.cluster.kubeletCsrs()).filter(({ name }) => name.startsWith('joinery-')),
      []
    )
  })
}

t.test('the certificate of a claim is not that of a join', async (t) => {
  const { lost } = await claimed(t)
  t.equal(await refusedWith(lost.machine.server.claim()), 'illegal-event')
})

t.test('a copy that renews with the lost certificate alerts, and its certificate ends no way back', async (t) => {
  const { pairing, lost } = await claimed(t)
  const { request } = await kubeletRequest('worker-1')
  const csr = await pairing.cluster.submitCsr({ holder: lost.lost, request })
  await pairing.reconcile()
  await pairing.reconcile()
  t.same(await alertsOf(pairing), ['other-credential'])
  const digest = new X509Certificate(lost.lost.certificate).fingerprint256.replaceAll(':', '').toLowerCase()
  t.match((await shown(pairing)).timeline.at(-1), { detail: new RegExp(`${csr}: .*X509SHA256=${digest}`) })
  const copys = (await pairing.cluster.csr(csr))?.certificate ?? ''
  await lost.comeBack({ certificate: copys, key: '' })
  t.equal((await shown(pairing)).state, 'recovering', 'nothing that was issued to the way back is there')
})

t.test('a report of a certificate that was not issued takes the Node away, as at a join', async (t) => {
  const { pairing, lost, given } = await claimed(t)
  await lost.renew(given)
  await reportReady(lost.machine, lost.lost)
  await pairing.reconcile()
  t.ok((await pairing.cluster.bans()).has('worker-1'))
  t.same(await pairing.cluster.nodes(), [])
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', message: /the agent holds certificate/, recovery: { state: 'over' } })
})

t.test('what does not fit the schema is refused before anything is looked at', async (t) => {
  const { pairing, lost } = await open(t)
  const before = await shown(pairing)
  const rows: object[] = [
    { reason: 'lost' },
    { next: '1' },
    { next: count('G') },
    { current: '' },
    { notAfter: 'yesterday' },
    { serial: '-- drop' },
    { joinKey: 'sha256:1' },
    { bootId: 'x'.repeat(65) },
    { facts: {} }
  ]
  for (const part of rows)
    t.equal(await refusedWith(lost.ask(part)), 'invalid-request', JSON.stringify(part).slice(0, 60))
  const claim = { request: 'x'.repeat(longestRequest + 1) }
  t.equal(await refusedWith(lost.machine.server.claimRecovery(claim)), 'invalid-request')
  t.same(await shown(pairing), before)
})

t.test('asks have a rate, and claims that of all claims', async (t) => {
  const { pairing, lost } = await open(t)
  pairing.clock.hold()
  const answers: (string | undefined)[] = []
  for (let number = 0; number < 12; number += 1) answers.push(await refusedWith(lost.ask()))
  t.same(answers, [...Array(10).fill(undefined), 'too-many-requests', 'too-many-requests'])
  pairing.clock.advance(10_000)
  t.equal(await refusedWith(lost.ask()), undefined)
})
