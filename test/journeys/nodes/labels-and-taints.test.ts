import { X509Certificate } from 'node:crypto'
import { type CodeRequest, credentialKinds, fingerprint, joiningLabel, ProblemError } from '@joinery/protocol'
import { openMachine } from '@joinery/testing/agents/agents'
import { approvePending } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

const labels = { rack: 'r7', 'node-role.kubernetes.io/edge': '' }
const taints = [{ key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }]
const text = 'labels node-role.kubernetes.io/edge=, rack=r7; taints dedicated=edge:NoSchedule'

/** A machine with such a code, approved, whose Node has just registered; the server has not looked since. */
const registered = async (pairing: Pairing, machine?: TestMachine) => {
  const { code } = await pairing.operator.createCode({ name: 'edge-1', ttl: 1800, labels, taints })
  const one = machine ?? (await pairing.machine())
  await one.enrol(code)
  await approve(pairing, 'edge-1')
  const { csr, key } = await withApprovedCsr(pairing, one, 'edge-1')
  const certificate = new X509Certificate(await register(pairing, one, 'edge-1', csr, key))
  const becomesReady = async () => {
    await pairing.cluster.setNodeReady('edge-1', 'True', 'KubeletReady', '')
    const { publicKey, serialNumber: serial } = certificate
    await one.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  }
  return { machine: one, becomesReady }
}
const labelled = async ({ operator }: Pairing) =>
  (await operator.show('edge-1')).timeline.filter(({ event }) => event === 'labelled')
const isLabelled = (pairing: Pairing) => eventually('it is labelled', async () => (await labelled(pairing)).length > 0)
/** The cluster itself puts taints on a Node that is not Ready yet, at once or a moment later. */
const isOfKubernetes = (key: string) => key.startsWith('node.kubernetes.io/')
const node = (pairing: Pairing) => pairing.cluster.labelsAndTaints('edge-1')

/** From now on the cluster does this in place of setting them; gives the undo. */
const instead = (pairing: Pairing, work: Pairing['cluster']['setLabelsAndTaints']) => {
  const { setLabelsAndTaints } = pairing.cluster
  pairing.cluster.setLabelsAndTaints = work
  return () => {
    pairing.cluster.setLabelsAndTaints = setLabelsAndTaints
  }
}

t.test('labels and taints of a code are shown, go with the claim, and are on the Node before ready', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  const { code, id, ...made } = await operator.createCode({ name: 'edge-1', ttl: 1800, labels, taints })
  t.match(made, { labels, taints })
  const shown = await operator.showCode(id)
  t.match(shown, { labels, taints })
  t.match(shown.timeline[0]?.detail, text)
  const machine = await pairing.machine()
  await machine.enrol(code)
  t.match(await operator.show('edge-1'), { labels, taints })
  await approve(pairing, 'edge-1')
  t.same((await machine.server.claim()).taints, taints)
})

t.test('a Node gets its labels and taints right after it has registered, and only then is ready', async (t) => {
  const pairing = await openPairing(t)
  const { becomesReady } = await registered(pairing)
  await isLabelled(pairing)
  t.match(await pairing.operator.show('edge-1'), { state: 'joined' })
  t.same(await node(pairing), { labels, taints })
  t.match(await labelled(pairing), [{ actor: 'server', detail: text, alert: false }])
  await becomesReady()
  await pairing.reconcile()
  t.match(await pairing.operator.show('edge-1'), { state: 'ready', confirmed: true })
})

t.test('changes of an administrator stay, also over a restart, and before ready', async (t) => {
  const pairing = await openPairing(t)
  const { becomesReady } = await registered(pairing)
  await isLabelled(pairing)
  const others = { labels: { rack: 'r8' }, taints: [] }
  await pairing.cluster.relabelNode('edge-1', others)
  await pairing.restart()
  await pairing.reconcile()
  await becomesReady()
  await pairing.reconcile()
  t.match(await pairing.operator.show('edge-1'), { state: 'ready' })
  await pairing.reconcile()
  t.same(await node(pairing), others)
  t.equal((await labelled(pairing)).length, 1)
})

t.test('a code without labels and taints only takes the mark of joining away', async (t) => {
  const pairing = await openPairing(t)
  const { setLabelsAndTaints } = pairing.cluster
  const written: object[] = []
  instead(pairing, async (node, wanted) => {
    written.push(wanted)
    await setLabelsAndTaints(node, wanted)
  })
  const { code } = await pairing.operator.createCode({ name: 'edge-1', ttl: 1800, labels: {}, taints: [] })
  const machine = await pairing.machine()
  await machine.enrol(code)
  await approve(pairing, 'edge-1')
  t.notOk('taints' in (await machine.server.claim()))
  const { csr, key } = await withApprovedCsr(pairing, machine, 'edge-1')
  await register(pairing, machine, 'edge-1', csr, key, { [joiningLabel]: '', own: 'yes' })
  await pairing.reconcile()
  await pairing.reconcile()
  t.match(await pairing.operator.show('edge-1'), { state: 'joined' })
  t.same(await node(pairing), { labels: { own: 'yes' }, taints: [] })
  // two passes may overlap
  t.ok(written.length > 0)
  for (const wanted of written) t.same(wanted, { labels: {}, taints: [] })
})

t.test('a server that died before it took the mark away does so later', async (t) => {
  const pairing = await openPairing(t)
  const undo = instead(pairing, async () => {
    throw new Error('killed before')
  })
  const { becomesReady } = await registered(pairing)
  await pairing.reconcile()
  t.match(await node(pairing), { labels: { [joiningLabel]: '' } })
  undo()
  await pairing.restart()
  await pairing.reconcile()
  await becomesReady()
  await pairing.reconcile()
  t.match(await pairing.operator.show('edge-1'), { state: 'ready' })
  t.same(await node(pairing), { labels, taints })
})

t.test('the mark goes again if a kubelet registers its Node again with it', async (t) => {
  const pairing = await openPairing(t)
  const { becomesReady } = await registered(pairing)
  await isLabelled(pairing)
  await becomesReady()
  await pairing.reconcile()
  const marked = { labels: { rack: 'r8', [joiningLabel]: '' }, taints: [] }
  await pairing.cluster.relabelNode('edge-1', marked)
  await pairing.reconcile()
  t.same(await node(pairing), { labels: { rack: 'r8' }, taints: [] }, "and an administrator's values stay")
})

t.test('a hostile server can change no value and evict nobody after the mark is gone', async (t) => {
  const pairing = await openPairing(t)
  await registered(pairing)
  await isLabelled(pairing)
  const [{ uid = '' } = {}] = await pairing.cluster.nodes()
  const evicting = { key: 'out', value: '', effect: 'NoExecute' as const }
  const tries: [object, RegExp][] = [
    [{ labels: { rack: 'r8' } }, /changes a label only while/],
    [{ labels: { 'node-restriction.kubernetes.io/pool': 'x' } }, /guards the Node only while/],
    [{ labels: { [joiningLabel]: '' } }, /marks no Node as joining/],
    [{ taints: [{ ...taints[0], value: 'anybody' }] }, /changes a taint only while/],
    [{ taints: [evicting] }, /evicts Pods only while/]
  ]
  for (const [more, message] of tries) {
    const wanted = { labels: {}, taints: [], ...more }
    await t.rejects(
      pairing.cluster.setLabelsAndTaints({ name: 'edge-1', uid }, wanted),
      { message },
      JSON.stringify(more)
    )
  }
  t.same(await node(pairing), { labels, taints })
})

t.test('the Node of an earlier agent gets what the cluster allows, and the rest alerts once', async (t) => {
  const pairing = await openPairing(t)
  const guarded = { 'node-restriction.kubernetes.io/pool': 'a' }
  const evicting = { key: 'out', value: '', effect: 'NoExecute' as const }
  const { code } = await pairing.operator.createCode({
    name: 'edge-1',
    ttl: 1800,
    labels: { ...labels, ...guarded },
    taints: [...taints, evicting]
  })
  const machine = await pairing.machine()
  await machine.enrol(code)
  await approve(pairing, 'edge-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'edge-1')
  const certificate = new X509Certificate(await register(pairing, machine, 'edge-1', csr, key, { rack: 'r1' }))
  await pairing.reconcile()
  await pairing.cluster.setNodeReady('edge-1', 'True', 'KubeletReady', '')
  const { publicKey, serialNumber: serial } = certificate
  await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await pairing.reconcile()
  const { state, timeline } = await pairing.operator.show('edge-1')
  t.equal(state, 'ready', 'the way goes on')
  t.same(await node(pairing), { labels: { rack: 'r1', 'node-role.kubernetes.io/edge': '' }, taints })
  t.match(
    timeline.filter(({ event }) => event === 'labels-refused'),
    [
      {
        alert: true,
        detail: /^labels node-restriction.kubernetes.io\/pool=a, rack=r7; taints out:NoExecute: its kubelet/
      }
    ]
  )
})

t.test('a server that died before it set labels and taints does so later', async (t) => {
  const pairing = await openPairing(t)
  const undo = instead(pairing, async () => {
    throw new Error('killed before')
  })
  const { becomesReady } = await registered(pairing)
  await becomesReady()
  await pairing.reconcile()
  await pairing.reconcile()
  t.match(await pairing.operator.show('edge-1'), {
    state: 'joined',
    message: 'joined, Node Ready, waiting for its labels and taints'
  })
  t.same(await pairing.cluster.tokens(), [], 'the token does not wait for them')
  undo()
  await pairing.restart()
  await pairing.reconcile()
  t.same(await node(pairing), { labels, taints })
})

t.test('a server that died before its note sets labels and taints again, without a change', async (t) => {
  const pairing = await openPairing(t)
  const { setLabelsAndTaints } = pairing.cluster
  const undo = instead(pairing, async (...given) => {
    await setLabelsAndTaints(...given)
    throw new Error('killed after')
  })
  await registered(pairing)
  await pairing.reconcile()
  t.same(await node(pairing), { labels, taints })
  t.same(await labelled(pairing), [])
  undo()
  await pairing.restart()
  await pairing.reconcile()
  t.same(await node(pairing), { labels, taints })
  t.equal((await labelled(pairing)).length, 1)
})

t.test('two passes at once set labels and taints once', async (t) => {
  const pairing = await openPairing(t)
  const bothThere = Promise.withResolvers<void>()
  const { setLabelsAndTaints } = pairing.cluster
  let passes = 0
  instead(pairing, async (...given) => {
    passes += 1
    if (passes === 2) bothThere.resolve()
    await bothThere.promise
    await setLabelsAndTaints(...given)
  })
  await registered(pairing)
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  t.same(await node(pairing), { labels, taints })
  t.equal((await labelled(pairing)).length, 1)
})

t.test('the server says that a cluster forbids labels and taints', async (t) => {
  const pairing = await openPairing(t)
  instead(pairing, async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'admission: Joinery takes no label away' })
  })
  const { becomesReady } = await registered(pairing)
  await becomesReady()
  await pairing.reconcile()
  const { state, message } = await pairing.operator.show('edge-1')
  t.equal(state, 'joined')
  t.match(message, /edge-1: .*takes no label away/)
})

t.test('the Node of another machine gets no labels and taints', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const stranger = { ...machine, facts: { ...machine.facts, machineId: 'e'.repeat(32) } }
  const { code } = await pairing.operator.createCode({ name: 'edge-1', ttl: 1800, labels, taints })
  await machine.enrol(code)
  await approve(pairing, 'edge-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'edge-1')
  await register(pairing, stranger, 'edge-1', csr, key)
  await pairing.reconcile()
  await pairing.reconcile()
  t.match(await pairing.operator.show('edge-1'), { state: 'frozen' })
  t.same(await labelled(pairing), [])
  t.equal(await node(pairing), undefined, 'it is deleted')
})

t.test('a Node that comes by another attempt gets labels and taints again', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await registered(pairing)
  await isLabelled(pairing)
  await pairing.cluster.deleteNodeAsAdmin('edge-1')
  await pairing.operator.reject('edge-1', { reason: 'set up anew' })
  await registered(pairing, machine)
  await pairing.reconcile()
  t.same(await node(pairing), { labels, taints })
})

t.test('labels and taints that no worker can have are refused when the code is made', async (t) => {
  const { operator } = await openPairing(t)
  const create = (more: object) => operator.createCode({ ttl: 1800, ...more } as CodeRequest)
  const wrong: [string, object, RegExp][] = [
    ['invalid-label', { labels: { 'kubernetes.io/hostname': 'x' } }, /"kubernetes.io\/hostname=x": the kubelet sets/],
    ['invalid-label', { labels: { 'node-role.kubernetes.io/control-plane': '' } }, /only on control planes/],
    ['invalid-label', { labels: { '\u001b[31m': '' } }, /^"\\u\{1b\}\[31m=": the key of a label/],
    ['invalid-label', { labels: { rack: 'a b' } }, /value of a label/],
    [
      'invalid-taint',
      { taints: [{ ...taints[0], key: 'node.kubernetes.io/not-ready' }] },
      /belong to the control plane, which removes them/
    ],
    ['invalid-taint', { taints: [...taints, { ...taints[0], value: 'core' }] }, /one taint dedicated .* not two/]
  ]
  for (const [code, more, message] of wrong) await t.rejects(create(more), { code, message }, JSON.stringify(more))
  const shapeless = [
    { labels: [] },
    { labels: { rack: 7 } },
    { labels: { rack: 'x'.repeat(64) } },
    { labels: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`l${n}`, ''])) },
    { taints: [{ key: 'a', effect: 'NoSchedule' }] },
    { taints: [{ key: 'a', value: '', effect: 'Never' }] },
    { taints: Array.from({ length: 21 }, (_, n) => ({ ...taints[0], key: `t${n}` })) }
  ]
  for (const more of shapeless) t.equal(await refusedWith(create(more)), 'invalid-request', JSON.stringify(more))
  t.same((await operator.listCodes()).items, [])
})

for (const credential of credentialKinds) {
  t.test(`with ${credential} the kubelet registers with the taints, so no Pod can slip in`, async (t) => {
    const pairing = await openPairing(t, { credential })
    const open = await openMachine(t, pairing, 'edge-1')
    const { code } = await pairing.operator.createCode({ name: 'edge-1', ttl: 1800, taints })
    await open.putCode(code)
    instead(pairing, async () => {
      throw new Error('the server is away')
    })
    open.start()
    await approvePending(pairing, open)
    const there = await eventually('its Node is there', () => node(pairing))
    t.same(
      there.taints.filter(({ key }) => !isOfKubernetes(key)),
      taints
    )
  })
}
