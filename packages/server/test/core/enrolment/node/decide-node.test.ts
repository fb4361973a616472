import type { State } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { describe } from '../../../../src/core/enrolment/decision/describe.ts'
import { decideNode } from '../../../../src/core/enrolment/node/decide-node.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'

const now = new Date('2026-01-01T00:05:00Z')
const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '0A' }
const uncertified = { claimed: '2026-01-01T00:00:00.900Z' }
const attempt = { ...uncertified, certificate }
const enrolment = (state: State, part: EnrolmentPart = {}) =>
  anEnrolment(
    'e1',
    {
      state,
      name: 'worker-1',
      facts: { machineId: 'm1', productUuid: 'U1' },
      join: { attempts: [attempt] }
    },
    part
  )
const node = (part: Partial<ClusterNode> = {}) =>
  aNode('worker-1', { uid: 'n1', reason: 'KubeletNotReady', message: 'cni plugin not initialized', ...part })
const after = (state: State, seen: ClusterNode | undefined, part: EnrolmentPart = {}) => {
  const decision = decideNode(enrolment(state, part), seen, now)
  return { state: decision?.enrolment.state, alerts: decision?.entries.some(({ alert }) => alert) ?? false, decision }
}

t.test('a Node registers an enrolment if it is the same machine', async (t) => {
  for (const state of ['joining', 'approved', 'failed'] as const) t.equal(after(state, node()).state, 'joined', state)
  t.equal(
    after('joining', node({ created: new Date('2025-12-31T23:59:00Z') })).state,
    'joined',
    'the name was free at the claim: the clock of the API server is behind'
  )
  t.equal(after('joining', node({ systemUuid: 'm1' })).state, 'joined', 'no DMI: the kubelet repeats the machine id')
  t.equal(after('joining', undefined).decision, undefined, 'no Node')
  t.equal(after('joining', node({ machineId: '' })).decision, undefined, 'the kubelet has not reported yet')
  t.equal(after('approved', node(), { join: { attempts: [] } }).decision, undefined, 'never before a claim')
  t.equal(after('pending', node()).decision, undefined, 'never before an approval')
  t.equal(after('failed', node(), { reason: 'transient' }).decision?.enrolment.reason, undefined, 'what failed is past')
})

t.test('a control plane registers after kubeadm has marked its Node, but another machine shows at once', async (t) => {
  const controlPlane = { role: 'control-plane' } as const
  const marked = { labels: { 'node-role.kubernetes.io/control-plane': '' } }
  t.equal(after('joining', node(), controlPlane).decision, undefined)
  t.equal(after('joining', node(marked), controlPlane).state, 'joined')
  t.equal(after('joining', node({ machineId: 'm2' }), controlPlane).state, 'frozen')
  const byCommand = { ...controlPlane, withoutAgent: true } as const
  t.equal(after('joining', node(), byCommand).state, 'joined', 'without an agent nobody would say that it failed')
})

t.test('another machine behind the name freezes and alerts', async (t) => {
  t.match(after('joining', node({ machineId: 'm2' })), { state: 'frozen', alerts: true })
  t.match(after('joining', node({ systemUuid: 'u2' })), { state: 'frozen', alerts: true })
})

t.test('if the state cannot freeze, another machine behind the name alerts once for each Node', async (t) => {
  const stranger = node({ machineId: 'm2' })
  const { state, alerts, decision } = after('failed', stranger)
  t.match({ state, alerts }, { state: 'failed', alerts: true })
  const unwantedNode = decision?.enrolment.certificates.unwantedNode ?? ''
  t.equal(after('failed', stranger, { certificates: { unwantedNode } }).decision, undefined)
  t.ok(after('failed', { ...stranger, uid: 'n2' }, { certificates: { unwantedNode } }).alerts, 'another Node')
  t.equal(after('failed', node(), { certificates: { unwantedNode } }).state, 'joined', 'the right machine after all')
})

t.test('ready needs the Node, the agent, and the certificate that was issued', async (t) => {
  const ready = node({ ready: 'True' })
  const agentReady = { at: now.toISOString(), certificate }
  t.match(after('joined', ready, { join: { agentReady } }), { state: 'ready', alerts: false })
  t.equal(after('joined', node(), { join: { agentReady } }).state, 'joined', 'the Node is not Ready')
  t.equal(after('joined', ready).state, 'joined', 'the agent has not spoken')
  const other = { at: now.toISOString(), certificate: { ...certificate, serial: '0B' } }
  t.match(
    after('joined', ready, { join: { agentReady: other } }),
    { state: 'joined', alerts: true },
    'another certificate'
  )
})

t.test('a Node that is Ready when it is first seen is registered and ready in one decision', async (t) => {
  const ready = node({ ready: 'True' })
  const agentReady = { at: now.toISOString(), certificate }
  const events = (seen: ClusterNode, part: EnrolmentPart) =>
    after('joining', seen, part).decision?.entries.map(({ event }) => event)
  t.same(events(ready, { join: { agentReady } }), ['register', 'become-ready'])
  t.match(after('joining', ready, { join: { agentReady } }).decision?.enrolment, {
    state: 'ready',
    node: { uid: 'n1', ready: now.toISOString() }
  })
  t.same(events(ready, {}), ['register'], 'the agent has not spoken')
  t.same(events(node(), { join: { agentReady } }), ['register'], 'the Node is not Ready')
  t.same(
    events(ready, { join: { agentReady }, terms: { labels: { rack: 'r7' } } }),
    ['register'],
    'it has no labels yet'
  )
})

t.test('a Node of which its kubelet has said nothing yet has no status yet', async (t) => {
  const silent = after('joining', node({ reason: '', message: '' })).decision?.enrolment
  t.equal(silent && describe(silent, { names: true }), 'joined, Node not Ready: no status yet')
  const known = after('joining', node({ reason: 'Starting', message: '' })).decision?.enrolment
  t.equal(known && describe(known, { names: true }), 'joined, Node not Ready: Starting')
})

t.test('an enrolment is not ready before its Node has the labels and taints of the code', async (t) => {
  const ready = node({ ready: 'True' })
  const agentReady = { at: '2025-12-31T00:00:00.000Z', certificate }
  for (const terms of [{ labels: { rack: 'r7' } }, { taints: [] }]) {
    for (const spoken of [{ join: { agentReady } }, { node: { ready: '2025-12-31T00:00:00.000Z' } }]) {
      t.equal(after('joined', ready, { terms, ...spoken }).state, 'joined', JSON.stringify({ terms, ...spoken }))
      t.equal(
        after('joined', ready, { terms, join: { agentReady, labelled: 'n0' } }).state,
        'joined',
        'another Node had them'
      )
    }
    t.equal(
      after('joined', ready, { terms, join: { agentReady, labelled: 'n1' } }).state,
      'ready',
      JSON.stringify(terms)
    )
    const other = { ...agentReady, certificate: { ...certificate, serial: '0B' } }
    const mismatch = after('joined', ready, { terms, join: { agentReady: other } })
    t.match(mismatch, { state: 'joined', alerts: true }, 'another certificate does not wait for them')
  }
})

t.test('ten minutes after the agent spoke, ready does not wait for an unknown certificate, and alerts', async (t) => {
  const ready = node({ ready: 'True' })
  const part = (at: string) => ({ join: { agentReady: { at, certificate }, attempts: [uncertified] } })
  t.equal(after('joined', ready, part('2025-12-31T23:55:00.001Z')).state, 'joined')
  t.match(after('joined', ready, part('2025-12-31T23:55:00.000Z')), {
    state: 'ready',
    alerts: true,
    decision: { enrolment: { join: { confirmed: false } } }
  })
})

t.test('after ten minutes ready does not wait for a silent agent, and alerts', async (t) => {
  const since = (ready: string) => ({
    node: { uid: 'n1', registered: ready, condition: 'Ready' as const, message: '', ready }
  })
  const ready = node({ ready: 'True' })
  t.equal(after('joined', ready, since('2025-12-31T23:55:00.001Z')).state, 'joined')
  t.match(after('joined', ready, since('2025-12-31T23:55:00.000Z')), { state: 'ready', alerts: true })
})

t.test('a ready Node that changes or goes is a condition beside the state', async (t) => {
  const was = { uid: 'n1', registered: '', condition: 'Ready' as const, message: '', ready: '' }
  t.match(after('ready', undefined, { node: was }).decision?.enrolment, { state: 'ready', node: { condition: 'Gone' } })
  t.match(after('ready', node({ ready: 'Unknown' }), { node: was }).decision?.enrolment, {
    node: { condition: 'Unknown' }
  })
})

t.test('the Node goes if somebody else may hold its name, whatever the Node says', async (t) => {
  const untrusted = 'a certificate was issued that nobody granted'
  for (const state of ['joining', 'approved', 'failed', 'joined', 'ready'] as const) {
    const { alerts, decision } = after(state, node(), { certificates: { untrusted } })
    t.match(
      { alerts, reason: decision?.enrolment.reason },
      { alerts: true, reason: /^a certificate was issued/ },
      state
    )
  }
})

t.test('a Node that goes with the trust in its machine is not told of again, and another Node is', async (t) => {
  const untrusted = {
    certificates: { untrusted: 'a certificate was issued that nobody granted', unwantedNode: 'n1' }
  }
  t.equal(after('joined', node(), untrusted).decision, undefined)
  t.ok(after('joined', { ...node(), uid: 'n2' }, untrusted).alerts)
})

t.test('a Node for an enrolment that must have none alerts once for each Node', async (t) => {
  for (const state of ['rejected', 'expired', 'frozen', 'removed'] as const) {
    const said = { enrolment: { state, certificates: { unwantedNode: 'n1' } }, entries: [{ alert: true }] }
    t.match(after(state, node()).decision, said, state)
    t.equal(after(state, node(), { certificates: { unwantedNode: 'n1' } }).decision, undefined, 'said once')
    t.match(after(state, node(), { certificates: { unwantedNode: 'n0' } }).decision, said, 'another Node')
    t.equal(
      after(state, node(), { join: { attempts: [] } }).decision,
      undefined,
      'it never had a credential: not its Node'
    )
    t.equal(after(state, undefined).decision, undefined, state)
  }
})

t.test('without an agent any Node registers, and a Ready Node is ready at once, without an alert', async (t) => {
  const without = { withoutAgent: true, facts: { machineId: '', productUuid: '' } }
  t.match(after('joining', node(), without), { state: 'joined', alerts: false })
  const { state, alerts, decision } = after('joined', node({ ready: 'True' }), without)
  t.match({ state, alerts }, { state: 'ready', alerts: false })
  t.match(decision?.enrolment, { join: { confirmed: false, ready: now.toISOString() } })
  t.equal(after('joined', node(), without).state, 'joined', 'not before it is Ready')
  const { decision: waits } = after('joined', node({ ready: 'True' }), {
    ...without,
    terms: { labels: { rack: 'r7' } }
  })
  t.equal(waits?.enrolment.state, 'joined', 'nor before it has its labels')
})

t.test(
  'after the join a Node of another machine alerts, and changes neither the enrolment’s Node nor its state',
  async (t) => {
    const was = { uid: 'n1', registered: '', condition: 'Ready' as const, message: '', ready: '' }
    const agentReady = { at: now.toISOString(), certificate }
    for (const state of ['joined', 'ready'] as const) {
      for (const stranger of [node({ machineId: 'm2', ready: 'True' }), node({ systemUuid: 'u2', ready: 'True' })]) {
        const { decision } = after(state, stranger, { node: was, join: { agentReady } })
        t.match(
          decision,
          {
            enrolment: {
              state,
              node: was,
              certificates: { unwantedNode: 'n1' },
              reason: /its name is banned, the Node is/
            }
          },
          JSON.stringify(stranger)
        )
        t.same(
          decision?.entries.map(({ event, alert }) => [event, alert]),
          [['conflict', true]],
          JSON.stringify(stranger)
        )
      }
    }
  }
)

t.test('a Node whose kubelet has not reported its machine does not alert', async (t) => {
  const agentReady = { at: now.toISOString(), certificate }
  for (const seen of [node({ machineId: '', systemUuid: '' }), node({ systemUuid: '' })]) {
    for (const state of ['joining', 'failed', 'joined', 'ready'] as const) {
      t.equal(after(state, seen, { join: { agentReady } }).alerts, false, state)
    }
  }
})

t.test('a ready enrolment alerts if its agent spoke late, of another certificate', async (t) => {
  const other = { at: now.toISOString(), certificate: { ...certificate, serial: '0B' } }
  t.match(after('ready', node({ ready: 'True' }), { join: { agentReady: other } }), { state: 'ready', alerts: true })
})

t.test('a certificate that is not known yet does not count as another one', async (t) => {
  const agentReady = { at: now.toISOString(), certificate: { ...certificate, serial: '0B' } }
  const attempts = [attempt, { ...uncertified, csr: { name: 'csr-2', uid: 'u' } }]
  t.equal(after('joined', node({ ready: 'True' }), { join: { agentReady, attempts } }).alerts, false)
})

t.test('the text of a Node about itself is cut short', async (t) => {
  const { decision } = after('ready', node({ machineId: 'x'.repeat(100_000) }))
  t.ok((decision?.entries[0]?.detail.length ?? 0) < 300)
})

t.test('the entry about a control plane says that the server does not delete its Node', async (t) => {
  const labels = { 'node-role.kubernetes.io/control-plane': '' }
  const said = [{ detail: /which an administrator deletes$/ }]
  t.match(after('removed', node({ labels })).decision?.entries, said)
  t.match(after('frozen', node(), { role: 'control-plane' }).decision?.entries, said, 'before kubeadm labels it')
})

t.test('an enrolment that is over shows that its Node is gone', async (t) => {
  const was = { uid: 'n1', registered: '', condition: 'Ready' as const, message: '', ready: '' }
  for (const state of ['rejected', 'removed'] as const) {
    t.match(
      after(state, undefined, { node: was }).decision,
      {
        enrolment: { node: { condition: 'Gone' } },
        entries: { length: 0 }
      },
      state
    )
    t.equal(after(state, undefined, { node: { ...was, condition: 'Gone' } }).decision, undefined, state)
  }
})
