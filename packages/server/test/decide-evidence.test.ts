import { type Facts, noFacts, type State, states } from '@joinery/protocol'
import t from 'tap'
import { anEnrolment } from '../../../test/contract/store-contract.ts'
import { approvedFacts } from '../src/enrolments/approved-facts.ts'
import { decideEvidence } from '../src/enrolments/evidence.ts'
import type { EnrolmentDocument } from '../src/store/store.ts'

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
const enrolment = (state: State, part: Partial<EnrolmentDocument> = {}) => anEnrolment('a', { state, facts, ...part })
const sees = (before: EnrolmentDocument, seen: Facts) =>
  decideEvidence(before, { address: before.address, observation: { facts: seen, preflight: [] } }, now)

/** Of a machine with other hardware than before; undefined: nothing changes. */
const after: Record<State, State | undefined> = {
  pending: 'pending',
  approved: 'pending',
  joining: 'joining',
  joined: 'joined',
  ready: 'ready',
  frozen: 'frozen',
  failed: 'failed',
  expired: undefined,
  rejected: undefined,
  removed: undefined
}

for (const state of states) {
  t.test(
    `a machine that says to be another one, while it is ${state}: ${after[state] ?? 'nothing changes'}`,
    async (t) => {
      const decision = sees(enrolment(state), other)
      t.equal(decision?.enrolment.state, after[state])
      if (after[state] !== undefined) t.match(decision?.entries, [{ event: 'evidence-changed', alert: false }])
      t.equal(sees(enrolment(state), facts), undefined, 'the same is no news')
    }
  )
}

t.test('approved is what was approved, not what the machine said in the attempt that failed', async (t) => {
  const strayed = enrolment('approved', { approved, facts: other })
  t.equal(sees(strayed, other)?.enrolment.state, 'pending')
  t.match(sees(strayed, facts)?.enrolment, { state: 'approved', facts }, 'it is the old one again')
  t.equal(sees(enrolment('approved', { facts: other }), other), undefined, 'a document of before this was kept')
})

t.test('whose machine it is to others follows the approval, as long as it stands', async (t) => {
  const table: Partial<Record<State, Facts>> = {
    approved: facts,
    joining: facts,
    joined: facts,
    ready: facts,
    failed: facts
  }
  for (const state of states) {
    t.same(approvedFacts(enrolment(state, { approved, facts: other })), table[state] ?? other, state)
    t.same(approvedFacts(enrolment(state, { facts: other })), other, `${state}, of before this was kept`)
  }
})

t.test('what it takes on of others alerts once for each, ten in all, and changes no state', async (t) => {
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
  const first = borrowed('x', 'y')(enrolment('joining', { approved }), other)
  t.match(first?.entries, [
    { event: 'evidence-changed', alert: false },
    { event: 'conflict', alert: true, detail: 'after its approval it says: x is that of b; y is that of b' }
  ])
  t.match(first?.enrolment, { state: 'joining', borrowed: ['x', 'y'] })
  const back = { ...(first?.enrolment as EnrolmentDocument), facts }
  t.equal(borrowed('x', 'y')(back, other)?.entries.length, 1, 'not again')
  const many = Array.from({ length: 64 }, (_, index) => `z${index}`)
  const flood = borrowed(...many)(back, other)
  t.equal(flood?.enrolment.borrowed?.length, 10)
  t.ok((flood?.entries.at(-1)?.detail.length ?? 0) <= 1024)
  t.equal(borrowed('q')({ ...(flood?.enrolment as EnrolmentDocument), facts }, other)?.entries.length, 1)
  t.equal(borrowed('x')(enrolment('pending'), other)?.entries.length, 1, 'before an approval an operator sees it')
})
