import type { State, TracedNode } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { traceNode } from '../../../../src/core/enrolment/outsider/trace-node.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'
import type { OutsiderDocument } from '../../../../src/core/ports/store/documents/outsider-document.ts'

const node = aNode('worker-1', {
  uid: 'u1',
  created: new Date('2026-01-01T00:00:00Z'),
  systemUuid: 'uuid-1',
  labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/edge': '', rack: 'r7' },
  ready: 'True',
  reason: 'KubeletReady'
})
const enrolment = (state: State, part: EnrolmentPart = {}) =>
  anEnrolment(
    `e-${state}`,
    {
      state,
      key: 'k',
      name: 'worker-1',
      facts: { machineId: 'm1', productUuid: 'UUID-1' },
      join: { attempts: [{}], ...(state === 'ready' && { confirmed: true }) }
    },
    part
  )
const since = '2026-01-01T00:01:00.000Z'
const outsider = (before: boolean, uid = 'u1'): OutsiderDocument => ({
  name: 'worker-1',
  revision: 1,
  node: { uid, machineId: 'm1', since, before },
  requesters: []
})
const rejected = enrolment('rejected', { reason: 'not ours' })

const table: [
  what: string,
  named: EnrolmentDocument[],
  trace: TracedNode['trace'],
  expected?: { enrolment?: object; wrong?: RegExp; before?: boolean },
  part?: Partial<ClusterNode>,
  known?: OutsiderDocument
][] = [
  [
    'the machine of a ready enrolment',
    [enrolment('ready')],
    'enrolled',
    { enrolment: { id: 'e-ready', state: 'ready', key: 'k' } }
  ],
  ['the machine of an enrolment that joins', [enrolment('joining')], 'enrolled'],
  ['the machine of a failed one that came after all', [enrolment('failed')], 'enrolled'],
  ['a machine without DMI', [enrolment('ready')], 'enrolled', {}, { systemUuid: 'm1' }],
  [
    'a ready machine that the agent did not confirm',
    [enrolment('ready', { join: { confirmed: false } })],
    'enrolled',
    { wrong: /not confirmed by the agent/ }
  ],
  [
    'a machine that joined by a join command',
    [enrolment('ready', { join: { confirmed: false }, withoutAgent: true, key: '' })],
    'enrolled',
    { enrolment: { key: undefined } },
    { machineId: 'm2' }
  ],
  [
    'a joined machine with another certificate',
    [enrolment('joined', { reason: 'the agent holds 0A' })],
    'enrolled',
    { wrong: /^joined, but the agent holds 0A$/ }
  ],
  ['a Node that has not reported', [enrolment('joining')], 'unreported', {}, { machineId: '' }],
  [
    'another machine id',
    [enrolment('ready')],
    'other-machine',
    { enrolment: { id: 'e-ready' }, wrong: /machine id m2, but the enrolled machine has m1/ },
    { machineId: 'm2' }
  ],
  [
    'another system UUID',
    [enrolment('ready')],
    'other-machine',
    { wrong: /system UUID uuid-2/ },
    { systemUuid: 'uuid-2' }
  ],
  [
    'a rejected enrolment',
    [rejected],
    'unwanted',
    { enrolment: { id: 'e-rejected' }, wrong: /^its enrolment is rejected: not ours$/ }
  ],
  ['an expired one', [enrolment('expired')], 'unwanted', { wrong: /expired/ }],
  ['a frozen one', [enrolment('frozen', { reason: 'two keys' })], 'unwanted', { wrong: /frozen: two keys/ }],
  ['a removed one', [enrolment('removed')], 'unwanted', { wrong: /removed/ }],
  ['one that is pending again', [enrolment('pending')], 'unwanted', { wrong: /waiting for approval/ }],
  [
    'a removed one and a newer one',
    [enrolment('removed'), enrolment('ready')],
    'enrolled',
    { enrolment: { id: 'e-ready' } }
  ],
  ['no enrolment, there before Joinery', [], 'outside', { before: true }, {}, outsider(true)],
  [
    'no enrolment, come later',
    [],
    'outside',
    { before: false, wrong: /outside of Joinery, first seen 2026-01-01T00:01/ },
    {},
    outsider(false)
  ],
  ['no enrolment, not looked at yet', [], 'outside'],
  ['no enrolment, the one that was known is another Node', [], 'outside', {}, {}, outsider(true, 'u0')],
  ['one that never claimed', [enrolment('approved', { join: { attempts: [] } })], 'outside'],
  ['one that was rejected before any claim', [enrolment('rejected', { join: { attempts: [] } })], 'outside']
]

for (const [what, named, trace, expected = {}, part = {}, known] of table) {
  t.test(`a Node that traces to ${what} is ${trace}`, async (t) => {
    const traced = traceNode({ ...node, ...part }, named, known)
    t.match(traced, { trace, ...expected })
    if (expected.wrong === undefined) t.notOk(traced.wrong, 'nothing is wrong')
    if (trace === 'outside') t.notOk(traced.enrolment)
  })
}

t.test('a Node has the version that its agent said last, and whether the server is too new for it', async (t) => {
  const agent = { version: '0.1.0', since }
  const traced = (server: string) =>
    traceNode(node, [enrolment('ready', { agent })], undefined, undefined, server).agent
  t.same(traced('0.4.0'), agent)
  t.same(traced('0.5.0'), { ...agent, tooOld: true })
  t.equal(traceNode(node, [enrolment('ready')], undefined).agent, undefined)
})

t.test('a trace has the ids of a Node, and its condition in kubectl’s words', async (t) => {
  const words = { reason: 'KubeletNotReady', message: 'PLEG is not healthy' }
  t.equal(traceNode({ ...node, ...words }, [], undefined).message, undefined, 'a Node that is Ready needs no words')
  t.same(traceNode({ ...node, ...words, ready: 'False' }, [], undefined), {
    message: 'KubeletNotReady: PLEG is not healthy',
    name: 'worker-1',
    uid: 'u1',
    created: '2026-01-01T00:00:00.000Z',
    machineId: 'm1',
    systemUuid: 'uuid-1',
    roles: ['edge', 'worker'],
    condition: 'NotReady',
    trace: 'outside'
  })
})
