import { day, minute, noFacts, type RecoverPolicy } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { decideRecover } from '../../../../src/core/enrolment/ask/decide-recover.ts'
import type { RecoverySight } from '../../../../src/core/enrolment/ask/refused-recovery.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-06-01T00:00:00.000Z')
const facts = { ...noFacts, machineId: 'm1', productUuid: 'U1', serial: 's1', macs: ['a'] }
const joinKey = `sha256:${'a'.repeat(64)}`
const address = '192.0.2.1'
const seenCertificate = {
  serial: '0A',
  notBefore: '2025-05-01T00:00:00.000Z',
  notAfter: '2026-05-01T00:00:00.000Z'
}
const enrolment = (part: EnrolmentPart = {}) =>
  anEnrolment(
    'e',
    {
      state: 'ready',
      join: { ready: '2025-05-01T00:00:00.000Z', attempts: [{ number: 1 }] },
      name: 'worker-1',
      facts,
      approval: { addresses: [address] },
      certificates: { seen: seenCertificate }
    },
    part
  )
const request = {
  reason: 'expired' as const,
  notAfter: seenCertificate.notAfter,
  serial: '0a',
  next: '1'.repeat(64),
  joinKey,
  facts
}
const sight = (policy: RecoverPolicy = 'auto 2') => ({
  node: aNode('worker-1', { ready: 'Unknown', machineId: 'm1', systemUuid: 'u1' }),
  banned: false,
  named: [],
  policy
})

const policies: [policy: RecoverPolicy, automatic: string[], state: string | undefined][] = [
  ['ask', [], 'waiting'],
  ['never', [], undefined],
  ['auto 2', [], 'approved'],
  ['auto 2', ['2026-05-01T00:00:00.000Z'], 'approved'],
  ['auto 2', ['2026-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z'], 'waiting'],
  ['auto 2', ['2025-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z'], 'approved']
]
for (const [policy, automatic, state] of policies) {
  t.test(`${policy}, ${automatic.length} times before: ${state ?? 'refused'}`, async (t) => {
    const before = enrolment({ recovery: { state: 'over', since: '', automatic } })
    const { decision, refused } = decideRecover(before, { request, address }, sight(policy), now)
    t.equal(decision?.enrolment.recovery?.state === 'over' ? undefined : decision?.enrolment.recovery?.state, state)
    t.equal(refused?.code, state === undefined ? 'recovery-refused' : undefined)
  })
}

/** What a machine says that the server doubts, so that a policy does not approve it. */
const doubts: [what: string, part: Partial<typeof request>, from: string, why: RegExp][] = [
  ['another address', {}, '192.0.2.9', /^its address differs/],
  ['another serial number', { facts: { ...facts, serial: 's2' } }, address, /^its serial differs/],
  ['other network cards', { facts: { ...facts, macs: ['b'] } }, address, /^its macs differs/],
  [
    'an end that has not come',
    { notAfter: '2026-06-01T00:00:01.000Z' },
    address,
    /no time of its end that has passed$/
  ],
  ['a serial that was not issued last', { serial: '0B' }, address, /serial 0B, and 0A was issued last$/]
]
for (const [what, part, from, why] of doubts) {
  t.test(`a policy does not approve a machine with ${what}`, async (t) => {
    const { decision } = decideRecover(enrolment(), { request: { ...request, ...part }, address: from }, sight(), now)
    t.match(decision?.enrolment.recovery, { state: 'waiting', why })
  })
}

t.test('a policy does not approve a machine whose last certificate is good', async (t) => {
  const good = enrolment({ certificates: { seen: { ...seenCertificate, notAfter: '2026-07-01T00:00:00.000Z' } } })
  const { decision } = decideRecover(good, { request, address }, sight(), now)
  t.match(decision?.enrolment.recovery, { state: 'waiting', why: /issued last ends at 2026-07-01/ })
})

t.test('a refusal is told once a day, each kind by itself', async (t) => {
  const banned = { ...sight(), banned: true }
  const first = decideRecover(enrolment(), { request, address }, banned, now)
  t.match(first, { refused: { kind: 'banned' }, decision: { entries: [{ alert: true }] } })
  const after = first.decision?.enrolment as EnrolmentDocument
  const later = new Date(now.getTime() + day - 1)
  t.match(decideRecover(after, { request, address }, banned, later), {
    refused: { kind: 'banned' },
    decision: undefined
  })
  const gone = { ...sight(), node: undefined }
  t.match(decideRecover(after, { request, address }, gone, later), {
    refused: { kind: 'gone' },
    decision: { entries: [{ event: 'recovery-refused', alert: false }] }
  })
  const tomorrow = new Date(now.getTime() + day)
  t.match(decideRecover(after, { request, address }, banned, tomorrow), { decision: { entries: [{ alert: true }] } })
})

const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * minute)
const readySight = (part: Partial<RecoverySight> = {}, since = minutesAgo(600)) => ({
  ...sight(),
  node: aNode('worker-1', { ready: 'True', since, machineId: 'm1', systemUuid: 'u1' }),
  clusterNow: now,
  ...part
})

t.test('a machine whose Node is still Ready asks again, and alerts only if the Node stays Ready', async (t) => {
  const first = decideRecover(enrolment(), { request, address }, readySight(), now)
  t.match(first, {
    refused: { kind: 'not-yet', code: 'recovery-not-yet', retryAfter: 60, detail: /its Lease: not looked at/ },
    decision: { enrolment: { state: 'ready' }, entries: [{ event: 'recovery-refused', alert: false }] }
  })
  const after = first.decision?.enrolment as EnrolmentDocument
  const at = (minutes: number, more: Partial<RecoverySight> = {}, since?: Date) => {
    const then = new Date(now.getTime() + minutes * minute)
    return decideRecover(after, { request, address }, readySight({ clusterNow: then, ...more }, since), then)
  }
  t.match(at(1.9), { refused: { kind: 'not-yet' }, decision: undefined }, 'it is told once')
  t.match(at(2), { refused: { kind: 'ready', code: 'recovery-not-needed' }, decision: { entries: [{ alert: true }] } })
  t.match(at(60), { refused: { kind: 'ready' } })
  t.match(
    at(60, {}, new Date(now.getTime() + 30 * minute)),
    { refused: { kind: 'not-yet' }, decision: { entries: [{ alert: false }] } },
    'it was not Ready in between: this is another first ask'
  )
  const silent = { ...sight(), clusterNow: now }
  const taken = decideRecover(after, { request, address }, silent, now).decision?.enrolment
  t.match(taken, { state: 'recovering', recovery: { state: 'approved' } }, 'the cluster has noticed')
  t.equal(taken?.recovery?.told, undefined, 'the next first ask is one')
})

t.test('a Node that became Ready while its machine waits has a kubelet: the same ask again alerts', async (t) => {
  const waits = (ask: Partial<RecoverySight>) =>
    decideRecover(enrolment(), { request, address }, ask as RecoverySight, now).decision?.enrolment as EnrolmentDocument
  const again = (waiting: EnrolmentDocument) =>
    decideRecover(waiting, { request, address }, readySight({}, minutesAgo(0)), now)
  t.match(again(waits({ ...sight(), policy: 'ask' })), {
    refused: { kind: 'ready', code: 'recovery-not-needed' },
    decision: { entries: [{ alert: true }] }
  })
  const silent = waits(readySight({ lease: { renewed: minutesAgo(2), seconds: 40 } }))
  t.match(again(silent), { refused: { kind: 'not-yet' } }, 'it was called Ready all the time')
})

t.test('a Node that is Ready by a Lease which is over is a doubt: a person decides', async (t) => {
  const lease = { renewed: minutesAgo(2), seconds: 40 }
  const { decision, refused } = decideRecover(enrolment(), { request, address }, readySight({ lease }), now)
  t.equal(refused, undefined)
  t.match(decision?.enrolment, {
    state: 'recovering',
    recovery: {
      state: 'waiting',
      silent: true,
      lease: '2026-05-31T23:58:00.000Z',
      why: /^the cluster calls its Node Ready, and its Lease was renewed last at 2026-05-31T23:58/
    }
  })
  t.equal(decision?.enrolment.recovery?.notReadySince, undefined)
  const fresh = decideRecover(enrolment(), { request, address }, readySight({ lease: { renewed: now } }), now)
  t.match(fresh, { refused: { kind: 'not-yet', detail: /its Lease: 2026-06-01T00:00:00/ } })
})

t.test('the evidence says what was known of the Lease', async (t) => {
  const leaseOf = (lease?: { renewed?: Date }) =>
    decideRecover(enrolment(), { request, address }, { ...sight(), ...(lease && { lease }) }, now).decision?.enrolment
      .recovery?.lease
  t.equal(leaseOf(), 'not looked at (diagnosis: off)')
  t.equal(leaseOf({}), 'never renewed')
  t.equal(leaseOf({ renewed: now }), now.toISOString())
})

t.test('a Node that another machine has is nobody else to come back as', async (t) => {
  const other = { ...sight(), node: aNode('worker-1', { ready: 'Unknown', machineId: 'm2' }) }
  t.match(decideRecover(enrolment(), { request, address }, other, now), { refused: { kind: 'other-node' } })
})
