import { ProblemError, startupTaint, type Taints } from '@joinery/protocol'
import { budgets } from '@joinery/server/testing/base'
import { eventually } from '@joinery/testing/clocks/eventually'
import { countCommits } from '@joinery/testing/pairing/count-commits'
import { gated, waitingForGates } from '@joinery/testing/pairing/gated'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const name = 'worker-1'
const storage = 'condition:example.org/Storage'
const cilium = { namespace: 'kube-system', name: 'cilium' }
const daemon = 'daemonset:kube-system/cilium'
const check = 'pod:default/app=check'
const dedicated = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }
const noStorage = 'condition example.org/Storage of the Node is not True'
const { key } = startupTaint

const taintsOf = async ({ cluster }: Pairing): Promise<Taints> => (await cluster.labelsAndTaints(name))?.taints ?? []
const show = ({ operator }: Pairing) => operator.show(name)
const told = async (pairing: Pairing, event: string) =>
  (await show(pairing)).timeline.filter((entry) => entry.event === event)
const storageIs = async (pairing: Pairing, isTrue: boolean) => {
  await pairing.cluster.setCondition(name, 'example.org/Storage', isTrue)
  await pairing.reconcile()
}
const inService = (pairing: Pairing) => eventually('it is in service', async () => (await show(pairing)).inService)

/** A cluster in which the taint cannot be taken away from now on. Returns the undo, and the number of tries. */
const instead = ({ cluster }: Pairing, work: Pairing['cluster']['removeStartupTaint']) => {
  const { removeStartupTaint } = cluster
  let calls = 0
  cluster.removeStartupTaint = async (node) => {
    calls += 1
    await work(node)
  }
  return {
    calls: () => calls,
    real: removeStartupTaint,
    undo: () => {
      cluster.removeStartupTaint = removeStartupTaint
    }
  }
}
const withDiagnosis = (t: Test) => openPairing(t, { diagnosis: 'on' })

t.test('a Node has the startup taint from the first moment, and is in service when its gate holds', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  const one = await gated(pairing, name, [storage], { taints: [dedicated] })
  t.same(one.taints, [dedicated, startupTaint], 'the claim has it')
  t.match(await show(pairing), { state: 'joining', readyWhen: [storage] })
  t.notOk('notYet' in (await show(pairing)), 'nothing is said of gates before it is ready')
  const [code] = (await operator.listCodes()).items
  t.match(code, { readyWhen: [storage] })
  t.match(
    (await operator.showCode(code?.id ?? '')).timeline[0]?.detail,
    /in service when condition:example.org\/Storage/
  )

  await one.registers()
  await one.becomesReady()
  t.match(await show(pairing), {
    state: 'ready',
    confirmed: true,
    message: `ready; not yet in service: ${noStorage}`,
    notYet: [noStorage]
  })
  t.same(await taintsOf(pairing), [dedicated, startupTaint])
  t.match(await told(pairing, 'not-in-service'), [{ actor: 'server', detail: `not yet: ${noStorage}`, alert: false }])

  await storageIs(pairing, true)
  await inService(pairing)
  const { notYet, ...shown } = await show(pairing)
  t.match(shown, { state: 'ready', message: 'ready; in service' })
  t.equal(notYet, undefined)
  t.same(await taintsOf(pairing), [dedicated], 'and no other taint goes')
  t.match(await told(pairing, 'in-service'), [{ actor: 'server', detail: storage, alert: false }])
})

t.test('all gates must hold at once: a DaemonSet, a Pod that ran to its end, and a condition', async (t) => {
  const pairing = await withDiagnosis(t)
  const { cluster } = pairing
  await waitingForGates(pairing, name, [daemon, check, storage])
  const look = async () => {
    pairing.clock.advance(budgets.gates.ofOne.each)
    await pairing.reconcile()
    return (await show(pairing)).notYet
  }
  const noDaemon = `DaemonSet kube-system/cilium has no Pod on this Node, and it must tolerate ${key}`
  const noCheck = `no Pod with app=check in namespace default has come to this Node, and it must tolerate ${key}`
  t.same(await look(), [noDaemon, noCheck, noStorage])
  cluster.runDaemon(cilium, name, true)
  await storageIs(pairing, true)
  t.same(await look(), [noCheck])
  await cluster.bindPod('check-1', name, { labels: { app: 'check' }, phase: 'Running' })
  t.same(await look(), ['no Pod with app=check in namespace default has run to its end on this Node'])
  await cluster.deletePod('check-1')
  await cluster.bindPod('check-1', name, { labels: { app: 'check' }, phase: 'Succeeded' })
  cluster.runDaemon(cilium, name, false)
  t.same(await look(), ['DaemonSet kube-system/cilium has no ready Pod on this Node'], 'one held, and does no more')
  t.same(await taintsOf(pairing), [startupTaint])
  cluster.runDaemon(cilium, name, true)
  t.equal(await look(), undefined)
  t.same(await taintsOf(pairing), [])
})

t.test('a Pod of another Node counts for nothing', async (t) => {
  const pairing = await withDiagnosis(t)
  await waitingForGates(pairing, name, [check])
  await pairing.cluster.bindPod('check-2', 'worker-2', { labels: { app: 'check' }, phase: 'Succeeded' })
  pairing.clock.advance(budgets.gates.ofOne.each)
  await pairing.reconcile()
  t.match((await show(pairing)).notYet, [/has come to this Node/])
})

t.test('a code with a gate for Pods is refused if the server does not read them', async (t) => {
  const { operator } = await openPairing(t)
  for (const gate of [daemon, check]) {
    await t.rejects(operator.createCode({ name, ttl: 1800, readyWhen: [storage, gate] }), {
      code: 'diagnosis-off',
      message: new RegExp(`the gate ${gate} asks for Pods, which this server reads only with diagnosis: on`),
      remedy: /set diagnosis: on in \/etc\/joinery\/server.yaml; joinery-server setup/
    })
  }
  t.same((await operator.listCodes()).items, [])
})

t.test('if the server reads Pods no more, it says so, and the taint stays', async (t) => {
  const pairing = await withDiagnosis(t)
  await waitingForGates(pairing, name, [daemon])
  pairing.config.diagnosis = 'off'
  await pairing.restart()
  pairing.cluster.runDaemon(cilium, name, true)
  const { nodePods } = pairing.cluster
  let reads = 0
  pairing.cluster.nodePods = (node) => {
    reads += 1
    return nodePods(node)
  }
  await pairing.reconcile()
  t.match((await show(pairing)).notYet, ['the server does not read Pods, which a gate asks for: diagnosis is off'])
  t.same(await taintsOf(pairing), [startupTaint])
  t.equal(reads, 0)
})

t.test('gates that no code can have are refused', async (t) => {
  const { operator } = await openPairing(t)
  const taint = (number: number) => ({ ...dedicated, key: `t${number}` })
  const create = (more: object) => operator.createCode({ name, ttl: 1800, ...more })
  const wrong: [string, object, RegExp][] = [
    ['invalid-gate', { readyWhen: ['Ready'] }, /"Ready" is no gate: a gate is condition:TYPE/],
    ['invalid-gate', { readyWhen: ['daemonset:cilium'] }, /give daemonset:NAMESPACE\/NAME like/],
    ['invalid-gate', { readyWhen: ['\u001b[31m'] }, /^"\\u\{1b\}\[31m" is no gate/],
    ['invalid-gate', { readyWhen: [storage, storage] }, /is given twice/],
    ['invalid-taint', { taints: [startupTaint] }, /Joinery itself sets joinery.dev\/not-in-service/],
    [
      'invalid-taint',
      { readyWhen: [storage], taints: Array.from({ length: 20 }, (_, n) => taint(n)) },
      /at most 19 taints/
    ]
  ]
  for (const [code, more, message] of wrong) await t.rejects(create(more), { code, message }, JSON.stringify(more))
  const shapeless = [
    { readyWhen: Array.from({ length: 9 }, (_, n) => `condition:C${n}`) },
    { readyWhen: [`condition:${'x'.repeat(500)}`] },
    { readyWhen: storage },
    { readyWhen: [7] }
  ]
  for (const more of shapeless) t.equal(await refusedWith(create(more)), 'invalid-request', JSON.stringify(more))
  t.same((await operator.listCodes()).items, [])
  const most = Array.from({ length: 19 }, (_, n) => taint(n))
  t.match(await create({ readyWhen: [storage], taints: most }), { readyWhen: [storage] })
})

t.test('a Node in service that loses a gate stays in service, also over a restart', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  await storageIs(pairing, true)
  const at = await inService(pairing)
  await storageIs(pairing, false)
  await pairing.restart()
  await pairing.reconcile()
  t.match(await show(pairing), { inService: at, message: 'ready; in service' })
  t.same(await taintsOf(pairing), [])
  t.equal((await told(pairing, 'in-service')).length, 1)
})

t.test('a startup taint that somebody puts back stays, and the timeline says so once', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  await storageIs(pairing, true)
  await inService(pairing)
  const { calls } = instead(pairing, async () => {})
  for (const taints of [[startupTaint], [], [startupTaint]]) {
    await pairing.cluster.relabelNode(name, { labels: {}, taints })
    await pairing.reconcile()
  }
  t.match(await show(pairing), { message: `ready; in service, and somebody put ${key} back`, inService: /./ })
  t.match(await told(pairing, 'taint-put-back'), [
    { actor: 'cluster', detail: /Joinery leaves it there/, alert: false }
  ])
  t.equal((await told(pairing, 'taint-put-back')).length, 1)
  t.same(await taintsOf(pairing), [startupTaint])
  t.equal(calls(), 0)
})

t.test('if somebody takes the taint away too early, it is said, and the gates still count', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  await pairing.cluster.relabelNode(name, { labels: {}, taints: [] })
  await pairing.reconcile()
  t.match(await show(pairing), { notYet: [noStorage, `the Node has no taint ${key}, so Pods come already`] })
  t.same(await taintsOf(pairing), [], 'and nobody puts it back')
  await storageIs(pairing, true)
  await inService(pairing)
})

t.test('a server that died before it took the taint away does so later', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const { undo } = instead(pairing, async () => {
    throw new Error('killed before')
  })
  await storageIs(pairing, true)
  t.match((await show(pairing)).notYet, [`the server takes ${key} away`])
  undo()
  await pairing.restart()
  await pairing.reconcile()
  t.same(await taintsOf(pairing), [])
  t.equal((await told(pairing, 'in-service')).length, 1)
})

t.test('a gate that is lost before the taint is gone brings the Node back to not yet', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const { undo, calls } = instead(pairing, async () => {
    throw new Error('killed before')
  })
  await storageIs(pairing, true)
  await storageIs(pairing, false)
  t.match((await show(pairing)).notYet, [noStorage])
  const before = calls()
  await pairing.reconcile()
  t.equal(calls(), before, 'nothing is taken away any more')
  undo()
  await pairing.reconcile()
  t.same(await taintsOf(pairing), [startupTaint])
  await storageIs(pairing, true)
  await inService(pairing)
})

t.test('a server that died before its note finds the taint gone, and notes it once', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const { undo, real } = instead(pairing, async (node) => {
    await real(node)
    throw new Error('killed after')
  })
  await pairing.cluster.setCondition(name, 'example.org/Storage', true)
  await eventually('it is taken away', async () => (await taintsOf(pairing)).length === 0)
  undo()
  await pairing.restart()
  // a gate that is lost now does not count: all held when it was decided
  await storageIs(pairing, false)
  await inService(pairing)
  await pairing.reconcile()
  t.equal((await told(pairing, 'in-service')).length, 1)
})

t.test('two passes at once take the taint away once, and say so once', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const bothThere = Promise.withResolvers<void>()
  let passes = 0
  const { real } = instead(pairing, async (node) => {
    passes += 1
    if (passes === 2) bothThere.resolve()
    await bothThere.promise
    await real(node)
  })
  await pairing.cluster.setCondition(name, 'example.org/Storage', true)
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  t.same(await taintsOf(pairing), [])
  t.equal((await told(pairing, 'in-service')).length, 1)
})

t.test('a call that arrives late takes nothing from the next machine of that name', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const removal = pairing.cluster.holdUp('removeStartupTaint')
  await pairing.cluster.setCondition(name, 'example.org/Storage', true)
  await removal.sent
  removal.giveUp()
  await pairing.operator.remove(name)
  await pairing.reconcile()
  t.equal(await pairing.cluster.labelsAndTaints(name), undefined)
  const { id } = await show(pairing)
  const next = await gated(pairing, name, [storage])
  await next.registers()
  await removal.arrive()
  await pairing.reconcile()
  t.same(await taintsOf(pairing), [startupTaint])
  const former = await pairing.operator.show(id)
  t.match(former, { state: 'removed', message: 'removed' })
  t.notOk('inService' in former)
})

t.test('a lost answer is made good: the taint is gone, and the next pass notes it', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const removal = pairing.cluster.holdUp('removeStartupTaint')
  await pairing.cluster.setCondition(name, 'example.org/Storage', true)
  await removal.sent
  removal.giveUp()
  await removal.arrive()
  await pairing.reconcile()
  t.same(await taintsOf(pairing), [])
  t.match(await show(pairing), { inService: /./ })
})

t.test('after a removal nothing is taken away any more', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const { calls } = instead(pairing, async () => {})
  // the Node stays for the moment
  pairing.cluster.deleteNode = async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'not now' })
  }
  await refusedWith(pairing.operator.remove(name))
  t.match(await show(pairing), { state: 'removed' })
  await storageIs(pairing, true)
  await pairing.reconcile()
  t.equal(calls(), 0)
  t.same(await taintsOf(pairing), [startupTaint])
})

t.test('another Node of the machine waits for the gates again', async (t) => {
  const pairing = await openPairing(t)
  const one = await waitingForGates(pairing, name, [storage])
  await storageIs(pairing, true)
  const at = await inService(pairing)
  await pairing.cluster.deleteNodeAsAdmin(name)
  await pairing.reconcile()
  // a kubelet that starts again registers with the taints of its configuration
  await one.registers()
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  await pairing.reconcile()
  await eventually('it waits', async () => (await show(pairing)).notYet?.[0] === noStorage)
  t.same(await taintsOf(pairing), [startupTaint])
  pairing.clock.advance(60_000)
  await storageIs(pairing, true)
  t.not(await inService(pairing), at)
  t.same(await taintsOf(pairing), [])
})

t.test('the Node of a machine that replaces another one waits for gates of its own', async (t) => {
  const pairing = await withDiagnosis(t)
  const { operator, cluster } = pairing
  await waitingForGates(pairing, name, [daemon], { taints: [dedicated] })
  const machine = await pairing.machine()
  const { code } = await operator.createCode({ name, ttl: 1800, readyWhen: [storage] })
  await machine.enrol(code)
  const { items } = await operator.list()
  const { id = '' } = items.find((one) => one.key === machine.identity.fingerprint) ?? {}
  const { revision, key: shownKey } = await operator.show(id)
  const { node } = await operator.holder(id)
  await operator.approve(id, { revision, key: shownKey, replace: { uid: node?.uid ?? '' } })
  t.match(
    await operator.show(id),
    { taints: [dedicated], readyWhen: [storage] },
    'the startup taint is not carried over'
  )
  t.same((await machine.server.claim()).taints, [dedicated, startupTaint])
  t.equal(await cluster.labelsAndTaints(name), undefined)
})

t.test('an agent that leaves the taint out gets it before its Node is ready', async (t) => {
  const pairing = await openPairing(t)
  const one = await gated(pairing, name, [storage])
  await one.registers([])
  await one.becomesReady()
  t.match(await show(pairing), { state: 'ready', notYet: [noStorage] })
  t.same(await taintsOf(pairing), [startupTaint])
})

t.test('the taint stays while the policy that holds the server is missing', async (t) => {
  const pairing = await openPairing(t)
  await waitingForGates(pairing, name, [storage])
  const restore = pairing.cluster.weaken('joinery-nodes')
  await pairing.restart()
  await storageIs(pairing, true)
  t.same(await taintsOf(pairing), [startupTaint])
  t.match((await show(pairing)).notYet, [`the server takes ${key} away`])
  restore()
  await pairing.reconcile()
  await inService(pairing)
})

t.test('a kubelet that flips its gate makes few commits and few entries', async (t) => {
  const { pairing, commits } = await countCommits(t)
  pairing.clock.hold()
  await waitingForGates(pairing, name, [storage, 'condition:Other'])
  const before = commits()
  for (let turn = 0; turn < 60; turn += 1) await storageIs(pairing, turn % 2 === 0)
  t.ok(commits() - before <= budgets.nodeConditions.burst + 1, `${commits() - before} commits`)
  for (let turn = 0; turn < 30; turn += 1) {
    pairing.clock.advance(budgets.nodeConditions.each)
    await storageIs(pairing, turn % 2 === 0)
  }
  t.equal((await told(pairing, 'not-in-service')).length, 10)
  t.match((await told(pairing, 'not-in-service')).at(-1), { count: /\d/, last: /./ })
})

t.test('Pods are read only while a gate asks for them, and within the budget', async (t) => {
  const pairing = await withDiagnosis(t)
  pairing.clock.hold()
  const { cluster } = pairing
  const { nodePods } = cluster
  const { burst, each } = budgets.gates.ofOne
  let reads = 0
  cluster.nodePods = (node) => {
    reads += 1
    return nodePods(node)
  }
  await waitingForGates(pairing, 'worker-2', [storage])
  t.equal(reads, 0, 'a condition needs none')
  await waitingForGates(pairing, name, [daemon])
  for (let turn = 0; turn < 30; turn += 1) await pairing.reconcile()
  t.equal(reads, burst, 'in 30 passes')
  cluster.runDaemon(cilium, name, true)
  pairing.clock.advance(each)
  await pairing.reconcile()
  await inService(pairing)
  const before = reads
  pairing.clock.advance(60_000)
  await pairing.reconcile()
  t.equal(reads, before, 'none in service')
})

t.test('a Node that is not approved by anybody has no gates', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.operator.createCode({ name, ttl: 1800, readyWhen: [storage] })
  const machine = await pairing.machine()
  await machine.enrol(code)
  await approve(pairing, name)
  await pairing.operator.reject(name, { reason: 'no' })
  const shown = await show(pairing)
  t.match(shown, { state: 'rejected', readyWhen: [storage] })
  t.notOk('notYet' in shown)
})
