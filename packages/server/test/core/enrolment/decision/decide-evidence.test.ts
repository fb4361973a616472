import { type Facts, noFacts, type Observation, type State, states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideEvidence } from '../../../../src/core/enrolment/decision/evidence.ts'
import { approvedFacts } from '../../../../src/core/enrolment/facts/shown.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-10T00:00:00Z')
const mac = '52:54:00:30:00:01'
const facts: Facts = { ...noFacts, machineId: 'm', macs: [mac] }
const other: Facts = { ...facts, macs: ['52:54:00:30:00:02'] }
const approved = {
  at: now.toISOString(),
  revision: 1,
  key: `sha256:${'a'.repeat(64)}`,
  name: 'worker-1',
  address: '192.0.2.1',
  facts,
  preflight: []
}
const enrolment = (state: State, part: EnrolmentPart = {}) => anEnrolment('a', { state, facts }, part)
const sees = (before: EnrolmentDocument, seen: Facts) =>
  decideEvidence(before, { address: before.address, observation: { facts: seen, preflight: [] } }, now)

/** Of a machine with other hardware than before; undefined: nothing changes. */
const after: Record<State, State | undefined> = {
  pending: 'pending',
  approved: 'pending',
  joining: 'joining',
  joined: 'joined',
  ready: 'ready',
  recovering: 'recovering',
  frozen: 'frozen',
  failed: 'failed',
  expired: undefined,
  rejected: undefined,
  removed: undefined
}

for (const state of states) {
  t.test(`a machine that claims to be another one while ${state}: ${after[state] ?? 'nothing changes'}`, async (t) => {
    const decision = sees(enrolment(state), other)
    t.equal(decision?.enrolment.state, after[state])
    if (after[state] !== undefined) t.match(decision?.entries, [{ event: 'evidence-changed', alert: false }])
    t.equal(sees(enrolment(state), facts), undefined, 'the same is no news')
  })
}

t.test('another version of the agent is noted, and is no evidence', async (t) => {
  const before = enrolment('ready', { agent: { version: '0.1.0', since: '2026-01-01T00:00:00.000Z' } })
  const says = (version?: string) =>
    decideEvidence(before, { address: before.address, ...(version !== undefined && { version }) }, now)
  t.same(says('0.2.0'), {
    enrolment: { ...before, agent: { version: '0.2.0', since: now.toISOString() } },
    entries: []
  })
  t.equal(says('0.1.0'), undefined)
  t.equal(says(), undefined, 'one that says none may be any')
})

interface Seen {
  address?: string
  name?: string
  facts?: Partial<Facts>
  joinKey?: string
  sealKey?: string
}
const certificates = { terms: { credential: 'certificate' }, join: { key: 'k1' } } as const
const controlPlane = { role: 'control-plane', join: { sealKey: 'a.k1.c' } } as const

/** What is seen of a machine, of which enrolment, and what an approval of what was seen before is not good for. */
const evidence: [what: string, seen: Seen, of: EnrolmentPart, change: RegExp | undefined][] = [
  ['the same evidence', {}, {}, undefined],
  ['another address', { address: '192.0.2.2' }, {}, /^source address changed from 192.0.2.1 to 192.0.2.2$/],
  ['another name', { name: 'worker-2' }, {}, /^name changed from name-of-a to worker-2$/],
  ['another UUID', { facts: { productUuid: 'u2' } }, {}, /^productUuid changed from none to u2$/],
  ['another serial number', { facts: { serial: 's2' } }, {}, /^serial changed/],
  [
    'one MAC address more',
    { facts: { macs: [mac, '52:54:00:30:00:02'] } },
    {},
    /^macs changed from 52:54:00:30:00:01 to/
  ],
  ['no MAC address', { facts: { macs: [] } }, {}, /^macs changed from 52:54:00:30:00:01 to none$/],
  ['another kernel', { facts: { kernel: '6.13' } }, {}, undefined],
  ['another address that it claims itself', { facts: { addresses: ['192.0.2.9'] } }, {}, undefined],
  ['another join key, for a certificate', { joinKey: 'k2' }, certificates, /^join key changed from k1 to k2$/],
  ['another join key, for a token', { joinKey: 'k2' }, { join: { key: 'k1' } }, undefined],
  ['no join key any more', {}, certificates, undefined],
  ['another seal key of a control plane', { sealKey: 'a.k2.c' }, controlPlane, /^seal key changed$/],
  ['the same seal key with a new signature', { sealKey: 'x.k1.y' }, controlPlane, undefined],
  ['another seal key of a worker', { sealKey: 'a.k2.c' }, { join: { sealKey: 'a.k1.c' } }, undefined]
]
const looks = (before: EnrolmentDocument, { address = before.address, name, facts: seen, ...keys }: Seen) => {
  const observation: Observation = { facts: { ...facts, ...seen }, preflight: [], ...keys }
  return decideEvidence(before, { address, observation, ...(name !== undefined && { name }) }, now)
}
for (const [what, seen, of, change] of evidence) {
  t.test(
    `approval covers what was shown: ${what} ${change ? 'is another machine' : 'is the same machine'}`,
    async (t) => {
      const before = enrolment('approved', of)
      const decision = looks(before, seen)
      t.equal(decision?.enrolment.state ?? 'approved', change === undefined ? 'approved' : 'pending')
      if (change !== undefined)
        t.match(decision?.entries, [{ event: 'evidence-changed', detail: change, alert: false }])
      else t.same(decision?.entries ?? [], [], 'no word of it')
      const after = looks(enrolment('joining', of), seen)?.enrolment
      t.equal(after?.state ?? 'joining', 'joining', 'after the claim nothing is taken back')
    }
  )
}

t.test('one key with two machine ids freezes a machine on its way, and alerts if it has joined', async (t) => {
  for (const state of states) {
    const decision = looks(enrolment(state), { facts: { machineId: 'm2' } })
    if (['expired', 'rejected', 'removed'].includes(state)) {
      t.equal(decision, undefined, state)
      continue
    }
    t.equal(decision?.enrolment.state, ['pending', 'approved', 'joining'].includes(state) ? 'frozen' : state, state)
    t.match(
      decision?.entries,
      [{ event: 'conflict', detail: 'one key came with two machine ids, m and m2', alert: true }],
      state
    )
    t.match(
      decision?.enrolment,
      { facts, conflict: { seen: [{ facts: { machineId: 'm2' } }] } },
      `${state}: the first one stays`
    )
  }
})

t.test('after the claim the name and keys are those that the credential was given for', async (t) => {
  const attempts = [anAttempt('abc123')]
  for (const [state, settled] of [
    ['joining', true],
    ['joined', true],
    ['ready', true],
    ['approved', false],
    ['failed', false]
  ] as const) {
    const before = enrolment(state, { ...certificates, join: { ...certificates.join, sealKey: 'a.k1.c', attempts } })
    const after = looks(before, { name: 'worker-2', joinKey: 'k2', sealKey: 'a.k2.c', address: '192.0.2.2' })?.enrolment
    t.equal(after?.name, before.name, `${state}: the name`)
    t.same(
      [after?.join.key, after?.join.sealKey],
      settled ? [before.join.key, before.join.sealKey] : ['k2', 'a.k2.c'],
      `${state}: the keys`
    )
    t.equal(after?.address, '192.0.2.2', `${state}: where it is, is noted`)
  }
})

t.test('the approved evidence counts, not the claims of the machine in an attempt that failed', async (t) => {
  const strayed = enrolment('approved', { approval: { evidence: approved }, facts: other })
  t.equal(sees(strayed, other)?.enrolment.state, 'pending')
  t.match(sees(strayed, facts)?.enrolment, { state: 'approved', facts }, 'it is the old one again')
  t.equal(sees(enrolment('approved', { facts: other }), other), undefined, 'a document of before this was kept')
})

t.test('the identity of a machine for others follows its approval, as long as that stands', async (t) => {
  const table: Partial<Record<State, Facts>> = {
    approved: facts,
    joining: facts,
    joined: facts,
    ready: facts,
    recovering: facts,
    failed: facts
  }
  for (const state of states) {
    t.same(
      approvedFacts(enrolment(state, { approval: { evidence: approved }, facts: other })),
      table[state] ?? other,
      state
    )
    t.same(approvedFacts(enrolment(state, { facts: other })), other, `${state}, of before this was kept`)
  }
})

t.test('each id that a machine takes from others alerts once, ten in all, and changes no state', async (t) => {
  const borrowed =
    (...values: string[]) =>
    (before: EnrolmentDocument, seen: Facts) =>
      decideEvidence(
        before,
        {
          address: before.address,
          observation: { facts: seen, preflight: [] },
          borrowed: () => values.map((value) => ({ value, finding: `${value} is that of b` }))
        },
        now
      )
  const first = borrowed('x', 'y')(enrolment('joining', { approval: { evidence: approved } }), other)
  t.match(first?.entries, [
    { event: 'evidence-changed', alert: false },
    { event: 'conflict', alert: true, detail: 'after its approval it says: x is that of b; y is that of b' }
  ])
  t.match(first?.enrolment, { state: 'joining', conflict: { borrowed: ['x', 'y'] } })
  const back = { ...(first?.enrolment as EnrolmentDocument), facts }
  t.equal(borrowed('x', 'y')(back, other)?.entries.length, 1, 'not again')
  const many = Array.from({ length: 64 }, (_, index) => `z${index}`)
  const flood = borrowed(...many)(back, other)
  t.equal(flood?.enrolment.conflict.borrowed?.length, 10)
  t.ok((flood?.entries.at(-1)?.detail.length ?? 0) <= 1024)
  t.equal(borrowed('q')({ ...(flood?.enrolment as EnrolmentDocument), facts }, other)?.entries.length, 1)
  t.equal(borrowed('x')(enrolment('pending'), other)?.entries.length, 1, 'before an approval an operator sees it')
})
