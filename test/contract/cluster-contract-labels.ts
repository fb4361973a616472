import { joiningLabel, type Labels, startupTaint, type Taints } from '@joinery/protocol'
import type { ClusterNode } from '@joinery/server/testing/cluster'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletIdentity, type OpenCluster, unique } from '@joinery/testing/cluster/cluster-fixture'
import type { Test } from 'tap'

const dedicated = { key: 'example.org/dedicated', value: 'edge', effect: 'NoSchedule' } as const
const kept = { key: 'example.org/kept', value: '', effect: 'PreferNoSchedule' } as const

export const labelContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  const joining = { [joiningLabel]: '' }

  /** A worker whose kubelet registered it with these. */
  const worker = async (t: Test, own: { labels?: Labels; taints?: Taints } = {}): Promise<ClusterNode> => {
    const name = unique('node')
    t.teardown(() => world.deleteNodeAsAdmin(name))
    const identity = await kubeletIdentity(t, open, name)
    await world.registerNode({ name, ...identity, machineId: unique('id'), systemUuid: unique('uuid'), ...own })
    return eventually(`the port shows the Node ${name}`, async () =>
      (await cluster.nodes()).find((node) => node.name === name)
    )
  }
  /** But for those that the control plane itself puts there, by the condition of the Node. */
  const taintsOf = async (name: string): Promise<Taints> =>
    ((await world.labelsAndTaints(name))?.taints ?? []).filter(({ key }) => !key.startsWith('node.kubernetes.io/'))
  const labelsOf = async (name: string) => (await world.labelsAndTaints(name))?.labels

  await t.test('a kubelet registers its Node with the taints that it was given', async (t) => {
    const { name } = await worker(t, { taints: [dedicated] })
    t.same(await taintsOf(name), [dedicated])
  })

  await t.test('the port shows all labels and taints, also those of an administrator', async (t) => {
    const { name } = await worker(t, { labels: { 'example.org/own': 'yes' }, taints: [kept] })
    await world.relabelNode(name, { labels: { 'example.org/own': 'no', rack: 'r7' }, taints: [dedicated, kept] })
    const { labels, taints } = await eventually('the port shows them', async () =>
      (await cluster.nodes()).find((node) => node.name === name && node.labels.rack === 'r7')
    )
    t.match(labels, { 'example.org/own': 'no', rack: 'r7' })
    t.same(
      taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/')),
      [dedicated, kept]
    )
  })

  await t.test(
    'an administrator may give a Node all of its taints again, those of the control plane too',
    async (t) => {
      const { name } = await worker(t, { taints: [kept] })
      await world.setNodeReady(name, 'False', 'KubeletNotReady', t.name)
      const before = await eventually('the control plane taints it', async () => {
        const found = await world.labelsAndTaints(name)
        return found?.taints.some(({ key }) => key === 'node.kubernetes.io/not-ready') ? found : undefined
      })
      await world.relabelNode(name, { labels: { rack: 'r7' }, taints: before.taints })
      t.match(await labelsOf(name), { rack: 'r7' })
      t.same(await taintsOf(name), [kept])
    }
  )

  await t.test('labels, taints and roles are set beside the present ones, and again without a change', async (t) => {
    const node = await worker(t, { labels: { ...joining, 'example.org/own': 'yes' }, taints: [kept] })
    const { name } = node
    const labels = { 'node-role.kubernetes.io/edge': '', 'node-restriction.kubernetes.io/zone': 'a', rack: 'r7' }
    await cluster.setLabelsAndTaints(node, { labels, taints: [dedicated] })
    t.match(await labelsOf(name), { 'example.org/own': 'yes', ...labels })
    t.notOk(joiningLabel in ((await labelsOf(name)) ?? {}), 'the mark goes with the same write')
    t.same(await taintsOf(name), [kept, dedicated])
    const before = await world.labelsAndTaints(name)
    await cluster.setLabelsAndTaints(node, { labels, taints: [dedicated] })
    t.same(await labelsOf(name), before?.labels)
    t.same(await taintsOf(name), [kept, dedicated])
  })

  await t.test('another value of a label, or of a taint with the same effect, replaces the old one', async (t) => {
    const node = await worker(t, { labels: { ...joining, 'example.org/rack': 'r1' }, taints: [dedicated, kept] })
    const core = { ...dedicated, value: 'core' }
    await cluster.setLabelsAndTaints(node, { labels: { 'example.org/rack': 'r2' }, taints: [core] })
    t.match(await labelsOf(node.name), { 'example.org/rack': 'r2' })
    t.same((await taintsOf(node.name)).sort(byKey), [core, kept])
  })

  await t.test('the mark of joining goes by itself too, and the server cannot set it', async (t) => {
    const node = await worker(t, { labels: { ...joining, 'example.org/own': 'yes' }, taints: [kept] })
    const nothing = { labels: {}, taints: [] }
    await cluster.setLabelsAndTaints(node, nothing)
    t.match(await labelsOf(node.name), { 'example.org/own': 'yes' })
    t.notOk(joiningLabel in ((await labelsOf(node.name)) ?? {}))
    t.same(await taintsOf(node.name), [kept])
    await cluster.setLabelsAndTaints(node, nothing)
    await t.rejects(cluster.setLabelsAndTaints(node, { labels: joining, taints: [] }), {
      code: 'cluster-unavailable',
      message: /marks no Node as joining/
    })
  })

  await t.test('on a Node without the mark the server may only add, and nothing that evicts or guards', async (t) => {
    const node = await worker(t, { labels: { 'example.org/rack': 'r1' }, taints: [dedicated] })
    const before = await world.labelsAndTaints(node.name)
    const refuses = (message: RegExp, more: { labels?: Labels; taints?: Taints }) =>
      t.rejects(
        cluster.setLabelsAndTaints(node, { labels: {}, taints: [], ...more }),
        { code: 'cluster-unavailable', message },
        JSON.stringify(more)
      )
    await refuses(/changes a label only while/, { labels: { 'example.org/rack': 'r2' } })
    await refuses(/changes a label only while/, { labels: { 'example.org/rack': '' } })
    for (const prefix of ['node-restriction', 'team.node-restriction']) {
      await refuses(/guards the Node only while/, { labels: { [`${prefix}.kubernetes.io/pool`]: 'a' } })
    }
    const balanced = 'node.kubernetes.io/exclude-from-external-load-balancers'
    await refuses(/guards the Node only while/, { labels: { [balanced]: '' } })
    await refuses(/changes a taint only while/, { taints: [{ ...dedicated, value: 'anybody' }] })
    await refuses(/evicts Pods only while/, { taints: [{ ...dedicated, effect: 'NoExecute' }] })
    t.same((await world.labelsAndTaints(node.name))?.labels, before?.labels)
    await cluster.setLabelsAndTaints(node, { labels: { 'example.org/new': '' }, taints: [dedicated, kept] })
    t.match(await labelsOf(node.name), { 'example.org/rack': 'r1', 'example.org/new': '' })
    t.same(await taintsOf(node.name), [dedicated, kept])
  })

  await t.test('two servers that write at once keep the values of both', async (t) => {
    const node = await worker(t)
    const effects = ['NoSchedule', 'PreferNoSchedule'] as const
    const writes = effects.map((effect) =>
      cluster.setLabelsAndTaints(node, { labels: { [effect]: 'yes' }, taints: [{ ...dedicated, effect }] })
    )
    await Promise.all(writes)
    t.match(await labelsOf(node.name), { NoSchedule: 'yes', PreferNoSchedule: 'yes' })
    t.same((await taintsOf(node.name)).map(({ effect }) => effect).sort(), [...effects].sort())
  })

  await t.test('a Node that is gone, or was replaced, gets nothing', async (t) => {
    const node = await worker(t)
    const wanted = { labels: { rack: 'r7' }, taints: [] }
    await t.rejects(cluster.setLabelsAndTaints({ ...node, uid: 'another' }, wanted), { code: 'not-found' })
    t.equal((await labelsOf(node.name))?.rack, undefined)
    await world.deleteNodeAsAdmin(node.name)
    await t.rejects(cluster.setLabelsAndTaints(node, wanted), { code: 'not-found' })
  })

  await t.test('the startup taint alone is taken away, and again without a change', async (t) => {
    const evicting = { ...startupTaint, effect: 'NoExecute' } as const
    const labels = { ...joining, 'example.org/own': 'yes' }
    const node = await worker(t, { labels, taints: [dedicated, startupTaint, kept, evicting] })
    await cluster.removeStartupTaint(node)
    const others = [dedicated, kept, evicting]
    t.same((await taintsOf(node.name)).sort(byKey), others.sort(byKey))
    t.match(await labelsOf(node.name), labels, 'no label goes with it')
    await cluster.removeStartupTaint(node)
    t.same((await taintsOf(node.name)).sort(byKey), others)
    await world.relabelNode(node.name, { labels: {}, taints: [dedicated, { ...startupTaint, value: 'mine' }] })
    await Promise.all([cluster.removeStartupTaint(node), cluster.removeStartupTaint(node)])
    t.same(await taintsOf(node.name), [dedicated], 'by two servers at once, whatever its value is')
  })

  await t.test('a Node that is gone, or was replaced, keeps its startup taint', async (t) => {
    const node = await worker(t, { taints: [startupTaint] })
    await t.rejects(cluster.removeStartupTaint({ ...node, uid: 'another' }), { code: 'not-found' })
    t.same(await taintsOf(node.name), [startupTaint])
    await world.deleteNodeAsAdmin(node.name)
    await t.rejects(cluster.removeStartupTaint(node), { code: 'not-found' })
  })

  await t.test('a control plane loses the startup taint and keeps its own', async (t) => {
    const node = await worker(t, { labels: joining, taints: [startupTaint] })
    const role = 'node-role.kubernetes.io/control-plane'
    const own = { key: role, value: '', effect: 'NoSchedule' } as const
    await world.relabelNode(node.name, { labels: { [role]: '' }, taints: [own, startupTaint] })
    await cluster.removeStartupTaint(node)
    t.same(await taintsOf(node.name), [own])
  })

  await t.test("the server may touch neither a kubelet's labels nor the taints of conditions", async (t) => {
    const node = await worker(t, { labels: joining })
    const refuses = (message: RegExp, more: { labels?: Labels; taints?: Taints }) =>
      t.rejects(
        cluster.setLabelsAndTaints(node, { labels: {}, taints: [], ...more }),
        { code: 'cluster-unavailable', message },
        JSON.stringify(more)
      )
    await refuses(/no label of kubelets/, { labels: { 'kubernetes.io/hostname': 'other' } })
    await refuses(/no label of kubelets/, { labels: { 'node-role.kubernetes.io/control-plane': '' } })
    await refuses(/no taint of the control plane/, {
      taints: [{ key: 'node.kubernetes.io/unreachable', value: '', effect: 'NoExecute' }]
    })
  })

  await t.test('the marks of a control plane stay, and others are set beside them', async (t) => {
    const node = await worker(t, { labels: joining })
    const { name } = node
    const role = 'node-role.kubernetes.io/control-plane'
    const own = { key: role, value: '', effect: 'NoSchedule' } as const
    const marked = () => world.relabelNode(name, { labels: { ...joining, [role]: '' }, taints: [own] })
    await marked()
    await cluster.setLabelsAndTaints(node, { labels: { rack: 'r7' }, taints: [dedicated] })
    t.match(await labelsOf(name), { [role]: '', rack: 'r7' })
    t.same((await taintsOf(name)).sort(byKey), [dedicated, own])
    const refuses = (message: RegExp, more: { labels?: Labels; taints?: Taints }) =>
      t.rejects(cluster.setLabelsAndTaints(node, { labels: {}, taints: [], ...more }), {
        code: 'cluster-unavailable',
        message
      })
    await marked()
    await refuses(/no taint of control planes/, { taints: [{ ...own, value: 'none' }] })
    await refuses(/no label of kubelets and of control planes/, { labels: { [role]: 'none' } })
  })
}

const byKey = (one: { key: string }, other: { key: string }): number => (one.key < other.key ? -1 : 1)
