import { leaseNamespace } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletIdentity, type OpenCluster, unique } from '@joinery/testing/cluster/cluster-fixture'
import type { CertificateHolder } from '@joinery/testing/cluster/world/cluster-world'
import type { Test } from 'tap'

/** What the server reads to say why a Node is not Ready, and what it may not read unless it was set up for that. */
export const sightContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world, diagnosis = false } = open
  const label = 'contract.joinery.dev/sight'

  /** A Node with a label of its own, whose kubelet has registered it. */
  const registered = async (t: Test): Promise<CertificateHolder & { name: string }> => {
    const name = unique('node')
    t.teardown(() => world.deleteNodeAsAdmin(name))
    const holder = await kubeletIdentity(t, open, name)
    const registration = { name, ...holder, machineId: unique('id'), systemUuid: unique('uuid') }
    await world.registerNode({ ...registration, labels: { [label]: name } })
    return { name, ...holder }
  }
  const seen = (name: string, is: (sight: Sight) => boolean = () => true): Promise<Sight> =>
    eventually(`the port shows ${name}`, async () => {
      const sight = await cluster.nodeSight(name)
      return sight !== undefined && is(sight) && sight
    })
  type Sight = NonNullable<Awaited<ReturnType<typeof cluster.nodeSight>>>

  await t.test('a Node shows each condition with its words and times, and the version of its kubelet', async (t) => {
    const { name } = await registered(t)
    t.equal(await cluster.nodeSight(unique('nobody')), undefined)
    const message = 'kubelet has disk pressure'
    const before = Date.now()
    await world.reportNode(name, {
      kubelet: 'v1.37.2',
      conditions: [
        { type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure', message },
        { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'x'.repeat(2_000) }
      ]
    })
    const sight = await seen(name, ({ kubelet }) => kubelet !== '')
    t.equal(sight.kubelet, 'v1.37.2')
    const [disk, ready] = ['DiskPressure', 'Ready'].map((wanted) =>
      sight.conditions.find(({ type }) => type === wanted)
    )
    t.match(disk, { status: 'True', reason: 'KubeletHasDiskPressure', message })
    t.ok((disk?.written?.getTime() ?? 0) > before - 2_000, 'the time at which it was written')
    t.equal(ready?.message, `${'x'.repeat(509)}...`, 'a text is cut')
    t.equal(sight.labels[label], name)
  })

  await t.test('a Node shows its taints and the networks of its Pods', async (t) => {
    const { name } = await registered(t)
    const taint = { key: 'node.cilium.io/agent-not-ready', value: 'true', effect: 'NoSchedule' } as const
    const labels = (await world.labelsAndTaints(name))?.labels ?? {}
    await world.relabelNode(name, { labels, taints: [taint] })
    const podCidrs = await world.assignPodCidrs(name, ['10.244.200.0/24'])
    const sight = await seen(
      name,
      ({ taints, podCidrs }) => taints.some(({ key }) => key === taint.key) && podCidrs.length > 0
    )
    t.same(sight.podCidrs, podCidrs)
    t.match(
      sight.taints.find(({ key }) => key === taint.key),
      taint
    )
    t.same((await cluster.nodes()).find((node) => node.name === name)?.podCidrs, podCidrs)
  })

  if (!diagnosis) {
    await t.test('a server without diagnosis may read neither DaemonSets nor a Lease', async (t) => {
      const forbidden = (words: string) => ({
        code: 'cluster-unavailable',
        message: new RegExp(`\\(403\\).* ${words}`)
      })
      await t.rejects(cluster.daemonSets(), forbidden('list resource "daemonsets"'))
      await t.rejects(cluster.podSight(unique('node')), forbidden(`get resource "leases".* "${leaseNamespace}"`))
    })
    return
  }

  await t.test('a Lease shows when its kubelet renewed it, and a labelled Lease shows nothing', async (t) => {
    const holder = await registered(t)
    const { name } = holder
    t.equal((await cluster.podSight(name)).renewed, undefined)
    const before = Date.now()
    await world.renewLease(holder)
    await world.renewLease(holder)
    const renewed = await eventually('the port shows it', async () => (await cluster.podSight(name)).renewed)
    t.ok(renewed.getTime() > before - 2_000 && renewed.getTime() < Date.now() + 2_000, renewed.toISOString())
    t.teardown(() => cluster.unban(name))
    await cluster.ban(name, 'contract')
    await eventually('it is labelled', async () => (await cluster.podSight(name)).renewed === undefined)
  })

  await t.test('a DaemonSet shows on which Nodes it runs, and what it mounts', async (t) => {
    const name = unique('plugin')
    const tolerations = [{ key: 'node.cilium.io/agent-not-ready', operator: 'Exists', value: '', effect: '' }]
    t.teardown(() => world.deleteDaemonSet(name))
    await world.makeDaemonSet(name, {
      nodeSelector: { [label]: 'nobody' },
      tolerations,
      hostPaths: ['/etc/cni/net.d', '/opt/cni/bin'],
      images: ['registry.example.org/init:v1', 'registry.example.org/main:v1'],
      pullSecrets: ['registry']
    })
    const made = await eventually('the port shows it', async () =>
      (await cluster.daemonSets()).find((one) => one.name === name)
    )
    t.match(made, { namespace: 'default', hostPaths: ['/etc/cni/net.d', '/opt/cni/bin'] })
    t.same(made.images, ['registry.example.org/init:v1', 'registry.example.org/main:v1'], 'in their order')
    t.ok(made.needsSecret)
    t.same(made.needs, { nodeSelector: { [label]: 'nobody' }, tolerations, hostNetwork: false })
    t.match(made.uid, /./)
  })

  await t.test('the Pod of a DaemonSet on a Node shows the words of the registry, and how it ended', async (t) => {
    const { name: node } = await registered(t)
    const name = unique('plugin')
    t.teardown(() => world.deleteDaemonSet(name))
    await world.makeDaemonSet(name, { nodeSelector: { [label]: node } })
    const message = 'Back-off pulling image "registry.example/cni:1": 403 Forbidden'
    const end = { exitCode: 137, reason: 'OOMKilled', message: '' }
    await world.runDaemonPod(name, node, {
      phase: 'Pending',
      ready: false,
      containers: [
        {
          name: 'main',
          image: 'registry.example/cni:1',
          ready: false,
          restarts: 4,
          waiting: { reason: 'ImagePullBackOff', message },
          ended: end
        }
      ]
    })
    const pod = await eventually('the port shows it', async () => {
      const { pods } = await cluster.podSight(node)
      return pods.find(({ containers }) => containers.length > 0)
    })
    const { uid } = (await cluster.daemonSets()).find((one) => one.name === name) ?? {}
    t.match(pod, { owner: uid, namespace: 'default', phase: 'Pending', isReady: false, isLeaving: false })
    t.match(pod.containers, [
      {
        name: 'main',
        image: 'registry.example/cni:1',
        ready: false,
        restarts: 4,
        waiting: { reason: 'ImagePullBackOff', message },
        ended: end
      }
    ])
    t.same((await cluster.podSight(unique('other'))).pods, [], 'the Pods of another Node are not read')
  })
}
