import type { State } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import { anOutsider } from '@joinery/testing/documents/outsider'
import t from 'tap'
import { decideOutsider, type Sight } from '../../../../src/core/enrolment/outsider/decide-outsider.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type { OutsiderDocument } from '../../../../src/core/ports/store/documents/outsider-document.ts'

const now = new Date('2026-01-02T00:00:00Z')
const earlier = '2026-01-01T00:00:00.000Z'
const node = (part: Partial<ClusterNode> = {}) => aNode('worker-9', { uid: 'u1', ...part })
const known = (part: Partial<NonNullable<OutsiderDocument['node']>> = {}) =>
  anOutsider('worker-9', {
    revision: 1,
    node: { uid: 'u1', machineId: 'm1', since: earlier, before: false, ...part }
  })
const enrolment = (state: State, part: EnrolmentPart = {}) =>
  anEnrolment(`e-${state}`, { state, since: earlier, join: { attempts: [{}] } }, part)
const csr = (username: string) => aCsr('csr-x', { uid: username, username, created: now, approved: true })
const sight = (part: Partial<Sight> = {}): Sight => ({
  name: 'worker-9',
  node: undefined,
  csrs: [],
  named: [],
  tokenIds: new Set(),
  ...part
})
const decide = (before: OutsiderDocument | undefined, seen: Partial<Sight>, first = false) =>
  decideOutsider(before, sight(seen), first, now)

t.test('a Node that no enrolment brought alerts once', async (t) => {
  const decision = decide(undefined, { node: node() })
  t.match(decision, {
    outsider: { ...known(), revision: 0, node: { since: now.toISOString() } },
    entries: [{ subject: 'node/worker-9', entry: { event: 'unknown-node', alert: true } }]
  })
  t.equal(decide(known(), { node: node() }), undefined, 'said once')
})

t.test('a Node or request at the first look is known, and does not alert', async (t) => {
  const there = { node: node(), csrs: [csr('a')] }
  t.match(decide(undefined, there, true), {
    outsider: { node: { before: true }, requesters: ['a'] },
    entries: { length: 0 }
  })
  t.equal(decide(undefined, {}, true), undefined)
})

t.test('a Node of an enrolment does not alert as an outsider', async (t) => {
  const claimed = ['approved', 'joining', 'joined', 'ready', 'failed'] as const
  const turnedAway = ['rejected', 'expired', 'frozen', 'removed'] as const
  for (const state of [...claimed, ...turnedAway]) {
    t.equal(decide(undefined, { node: node(), named: [enrolment(state)] }), undefined, state)
    t.same(
      decide(known(), { node: node(), named: [enrolment(state)] }),
      { outsider: undefined, entries: [] },
      `${state}: what was known is forgotten`
    )
  }
  for (const named of [
    [enrolment('approved', { join: { attempts: [] } })],
    [enrolment('rejected', { join: { attempts: [] } })],
    [enrolment('pending')]
  ]) {
    t.match(
      decide(undefined, { node: node(), named }),
      { entries: [{ entry: { event: 'unknown-node' } }] },
      JSON.stringify(named)
    )
  }
})

t.test('a Node that is gone alerts if it comes again, and one of before Joinery is remembered', async (t) => {
  t.same(decide(known(), {}), { outsider: undefined, entries: [] })
  t.equal(decide(known({ before: true }), {}), undefined)
  const again = decide(known({ before: true }), { node: node({ uid: 'u2' }) })
  t.match(again, { outsider: { node: { uid: 'u2', before: true } }, entries: { length: 0 } }, 'the same machine')
  const other = { uid: 'u2', machineId: 'm2' }
  t.match(decide(known({ before: true }), { node: node(other) }), {
    outsider: { node: { ...other, before: false } },
    entries: [{ entry: { event: 'unknown-node' } }]
  })
  t.match(decide(known(), { node: node({ uid: 'u2' }) }), { entries: [{ entry: { event: 'unknown-node' } }] })
  const nameless = decide(known({ before: true, machineId: '' }), { node: node({ uid: 'u2', machineId: '' }) })
  t.match(nameless, { entries: [{ entry: { event: 'unknown-node' } }] }, 'no machine id is no identity')
})

t.test('a known Node that becomes another machine alerts once', async (t) => {
  const changed = decide(known({ before: true }), { node: node({ machineId: 'm2' }) })
  t.match(changed, {
    outsider: { node: { machineId: 'm2', before: true } },
    entries: [{ entry: { event: 'other-machine', detail: 'Node worker-9 has machine id m2, but it had m1 before' } }]
  })
  t.equal(decide(changed?.outsider, { node: node({ machineId: 'm2' }) }), undefined)
  t.match(decide(known({ machineId: '' }), { node: node() }), {
    outsider: { node: { machineId: 'm1' } },
    entries: { length: 0 }
  })
  t.equal(decide(known(), { node: node({ machineId: '' }) }), undefined, 'it has not reported')
})

t.test('a certificate outside of Joinery alerts once for each requester, while the request is there', async (t) => {
  const first = decide(undefined, { csrs: [csr('a'), csr('a')] })
  t.match(first, {
    outsider: { requesters: ['a'] },
    entries: [{ subject: 'node/worker-9', entry: { event: 'outside-certificate', alert: true } }]
  })
  t.equal(first?.entries.length, 1)
  t.equal(decide({ ...(first?.outsider as OutsiderDocument) }, { csrs: [csr('a')] }), undefined)
  const second = decide(first?.outsider, { csrs: [csr('a'), csr('b')] })
  t.match(second, { outsider: { requesters: ['a', 'b'] }, entries: [{ entry: { detail: /^csr-x: b got/ } }] })
  t.same(decide(first?.outsider, {}), { outsider: undefined, entries: [] }, 'the cluster has forgotten it')
})

t.test('a request in the name of an enrolment alerts in its timeline', async (t) => {
  const subject = (state: State) => decide(undefined, { csrs: [csr('a')], named: [enrolment(state)] })?.entries[0]
  t.match(subject('ready'), { subject: 'e-ready', entry: { event: 'outside-certificate' } })
  t.match(subject('removed'), {
    subject: 'e-removed',
    entry: { event: 'returned', detail: /whose enrolment is removed$/ }
  })
})

t.test('a loop of requests by new credentials alerts ten times', async (t) => {
  const csrs = Array.from({ length: 15 }, (_, number) => csr(`user-${number}`))
  const decision = decide(undefined, { csrs })
  t.equal(decision?.entries.length, 10)
  t.equal(decide(decision?.outsider, { csrs }), undefined)
})

t.test('a machine id and a user name without end are cut, and written in ASCII', async (t) => {
  const long = decide(undefined, {
    node: node({ machineId: 'm'.repeat(5000) }),
    csrs: [csr(`\u001b${'u'.repeat(5000)}`)]
  })
  const details = long?.entries.map(({ entry }) => entry.detail) ?? []
  t.equal(details.length, 2)
  for (const detail of details) t.match(detail, /^[\x20-\x7e]{1,900}$/, detail)
})
