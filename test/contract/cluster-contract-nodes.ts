import { certificateAuthority } from '@joinery/fake-kubernetes'
import type { ClusterNode } from '@joinery/server/testing/cluster'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletIdentity, type OpenCluster, refusal, unique } from '@joinery/testing/cluster/cluster-fixture'
import { kubeletUsages, type NodeRegistration } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'

export const nodeContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  const machine = async (t: Test): Promise<NodeRegistration> => {
    const name = unique('node')
    t.teardown(() => world.deleteNodeAsAdmin(name))
    const addresses = ['192.0.2.7', '2001:db8::7']
    return {
      name,
      ...(await kubeletIdentity(t, open, name)),
      machineId: unique('id'),
      systemUuid: unique('uuid'),
      addresses
    }
  }
  const seenNode = (name: string, is: (node: ClusterNode) => boolean = () => true): Promise<ClusterNode> =>
    eventually(`the port shows the Node ${name}`, async () =>
      (await cluster.nodes()).find((node) => node.name === name && is(node))
    )
  const gone = (name: string) =>
    eventually(`the Node ${name} is gone`, async () => (await cluster.nodes()).every((node) => node.name !== name))

  const settle = async (): Promise<number> => cluster.settleBannedLeases(await cluster.nodes(), 0)
  /** Its Node and its Lease are there. */
  const alive = async (t: Test): Promise<NodeRegistration> => {
    const registration = await machine(t)
    t.teardown(() => cluster.unban(registration.name))
    await world.registerNode(registration)
    await world.renewLease(registration)
    return registration
  }
  const stopped = (registration: NodeRegistration) =>
    eventually(`the heartbeat of ${registration.name} stops`, async () => {
      const refused = await refusal(() => world.renewLease(registration))
      return refused?.status === 422 && refused.message.includes('removed by Joinery')
    })
  const renewed = (registration: NodeRegistration) =>
    eventually(
      `${registration.name} renews its Lease`,
      async () => (await refusal(() => world.renewLease(registration))) === undefined
    )

  await t.test('the port shows the conditions of a Node that are True', async (t) => {
    const registration = await machine(t)
    const { name } = registration
    await world.registerNode(registration)
    await world.setCondition(name, 'example.org/StorageReady', true)
    await world.setCondition(name, 'example.org/NetworkReady', true)
    const seen = await seenNode(name, ({ conditions }) => conditions.length === 2)
    t.same(seen.conditions, ['example.org/NetworkReady', 'example.org/StorageReady'])
    await world.setCondition(name, 'example.org/StorageReady', false)
    t.same(
      (await seenNode(name, ({ conditions }) => conditions.length < 2)).conditions,
      ['example.org/NetworkReady'],
      'and Ready is not one of them'
    )
  })

  await t.test('the port shows the Pods of a Node as its gates ask for them, and those of no other', async (t) => {
    const registration = await machine(t)
    const { name } = registration
    await world.registerNode(registration)
    const { created } = await seenNode(name)
    const [ended, running] = [unique('ended'), unique('running')]
    t.teardown(() => world.deletePod(ended))
    t.teardown(() => world.deletePod(running))
    await world.bindPod(ended, name, { labels: { app: 'check' }, phase: 'Succeeded' })
    await world.bindPod(running, name, { phase: 'Running', ready: true })
    const pods = await eventually('the port shows both', async () => {
      const shown = await cluster.nodePods(name)
      return shown.length === 2 ? shown : undefined
    })
    const pod = (one: string) => pods.find((shown) => shown.name === one)
    t.match(pod(ended), { namespace: 'default', labels: { app: 'check' }, phase: 'Succeeded', ready: false })
    t.match(pod(running), { phase: 'Running', ready: true })
    t.same(pod(running)?.labels, {})
    t.ok((pod(ended)?.created.getTime() ?? 0) >= created.getTime(), 'they came after their Node')
    t.same(await cluster.nodePods(unique('other')), [])
  })

  await t.test('a Node appears with the identity of its machine, not ready yet', async (t) => {
    const registration = await machine(t)
    const before = Date.now()
    await world.registerNode(registration)
    // the control plane assigns networks, if it is set to
    const { uid, created, labels: _, taints: __, podCidrs: ___, ...shown } = await seenNode(registration.name)
    const { name, machineId, systemUuid, addresses } = registration
    const nothing = { ready: 'Unknown', reason: '', message: '', conditions: [] }
    t.same(shown, { name, machineId, systemUuid, addresses, ...nothing })
    t.match(uid, /./)
    t.equal(created.getMilliseconds(), 0)
    t.ok(created.getTime() > before - 1_000 && created.getTime() <= Date.now(), 'the second in which it was made')
  })

  await t.test(
    'the images of a Node are seen while it is Ready, within bounds, and kube-proxy’s of kubeadm',
    async (t) => {
      const { name } = await alive(t)
      const repository = `registry.example.org/${name}`
      const image = (tag: string) => ({
        names: [`${repository}@sha256:${'0'.repeat(64)}`, `${repository}:${tag}`],
        bytes: 7
      })
      const seen = async () => {
        const { nodes } = await cluster.imageSight()
        return nodes.find(({ images }) =>
          images.some(({ names }) => names.some((one) => one.startsWith(`${repository}:`)))
        )
      }
      await world.reportImages(
        name,
        Array.from({ length: 60 }, (_, number) => image(`v${number}`))
      )
      t.equal(await seen(), undefined, 'it is not Ready')
      await world.setNodeReady(name, 'True', 'KubeletReady', 'it is')
      const node = await eventually('they are seen', seen)
      t.equal(node.arch, 'amd64')
      t.same(node.images[0], image('v0'))
      t.equal(node.images.length, 50)
      const undoMode = await world.configureNodes('kube-proxy', 'mode: iptables\n')
      t.teardown(undoMode)
      const { kubeProxy } = await cluster.imageSight()
      t.match(kubeProxy, /\/kube-proxy:v1\.[0-9]+\.[0-9]+$/)
      const undo = await world.configureNodes('kube-proxy', '')
      t.teardown(undo)
      t.equal((await cluster.imageSight()).kubeProxy, undefined, 'a cluster without it')
      await undo()
    }
  )

  await t.test('a long text of a kubelet is cut to 1 KB', async (t) => {
    const { name } = await alive(t)
    await world.setNodeReady(name, 'False', 'KubeletNotReady', 'x'.repeat(100_000))
    const { message } = await seenNode(name, ({ ready }) => ready === 'False')
    t.equal(message, `${'x'.repeat(1021)}...`)
  })

  await t.test('a kubelet that registers again keeps its Node, and shows the present machine', async (t) => {
    const registration = await machine(t)
    await world.registerNode(registration)
    const { uid } = await seenNode(registration.name)
    const [machineId, addresses] = [unique('id'), ['192.0.2.8']]
    await world.registerNode({ ...registration, machineId, addresses })
    const node = await seenNode(registration.name, (node) => node.machineId === machineId)
    t.match(node, { uid, addresses })
  })

  await t.test('a Node of the same name has another uid after a deletion', async (t) => {
    const registration = await machine(t)
    await world.registerNode(registration)
    const { uid } = await seenNode(registration.name)
    await world.deleteNodeAsAdmin(registration.name)
    await gone(registration.name)
    await world.registerNode(registration)
    t.not((await seenNode(registration.name)).uid, uid)
  })

  await t.test('a Node shows its condition Ready with reason and message', async (t) => {
    const registration = await machine(t)
    await world.registerNode(registration)
    for (const [ready, reason, message] of [
      ['False', 'KubeletNotReady', 'container runtime network not ready'],
      ['True', 'KubeletReady', 'kubelet is posting ready status'],
      ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.']
    ] as const) {
      const before = Date.now()
      await world.setNodeReady(registration.name, ready, reason, message)
      const node = await seenNode(registration.name, (node) => node.reason === reason)
      t.match(node, { ready, reason, message, machineId: registration.machineId }, ready)
      const since = node.since?.getTime() ?? 0
      t.ok(since > before - 60_000 && since < Date.now() + 60_000, 'since about now')
    }
  })

  await t.test('a kubelet registers no other name than its own', async (t) => {
    const registration = await machine(t)
    const name = unique('node')
    t.equal((await refusal(() => world.registerNode({ ...registration, name })))?.status, 403)
  })

  await t.test('a certificate of another CA registers nobody', async (t) => {
    const name = unique('node')
    const { request, key } = await kubeletRequest(name)
    const other = await certificateAuthority(() => new Date())
    const certificate = await other.sign(request, kubeletUsages, new Date())
    const registration = { name, certificate, key, machineId: unique('id'), systemUuid: unique('uuid') }
    t.equal((await refusal(() => world.registerNode(registration)))?.status, 401)
  })

  await t.test('a name is free until a Node has it or a Pod is bound to it', async (t) => {
    const registration = await machine(t)
    const { name } = registration
    const pod = unique('pod')
    const held = (by: string) =>
      eventually(`${name} is held by ${by}`, async () => (await cluster.nameHolder(name))?.includes(by))
    const free = () => eventually(`${name} is free`, async () => (await cluster.nameHolder(name)) === undefined)
    t.equal(await cluster.nameHolder(name), undefined)
    await world.registerNode(registration)
    await held(`Node ${name}`)
    await world.deleteNodeAsAdmin(name)
    await free()
    t.teardown(() => world.deletePod(pod))
    await world.bindPod(pod, name)
    await held(`Pod default/${pod}`)
    t.same(await cluster.boundPods(name), [{ namespace: 'default', name: pod, controller: '' }])
    await world.deletePod(pod)
    await free()
    t.same(await cluster.boundPods(name), [])
  })

  await t.test('a banned name cannot register until the ban is lifted, and both can be repeated', async (t) => {
    const registration = await machine(t)
    const { name } = registration
    t.teardown(() => cluster.unban(name))
    await cluster.ban(name, 'removed by the contract')
    await cluster.ban(name, 'removed again')
    t.equal((await cluster.bans()).get(name), 'removed again', 'the list says why')
    const { status } = await eventually('refused', () => refusal(() => world.registerNode(registration)))
    t.equal(status, 422)
    await world.deleteNodeAsAdmin(name)
    t.equal((await refusal(() => world.registerNode(registration)))?.status, 422)
    await cluster.unban(name)
    await cluster.unban(name)
    t.notOk((await cluster.bans()).has(name))
    await eventually('let in', async () => (await refusal(() => world.registerNode(registration))) === undefined)
    await seenNode(name)
  })
  await t.test('only a banned Node loses its heartbeat', async (t) => {
    const [banned, other] = [await alive(t), await alive(t)]
    await cluster.ban(banned.name, 'removed by the contract')
    await stopped(banned)
    await world.renewLease(other)
    t.equal(await settle(), 0)
    await world.renewLease(other)
    t.equal((await refusal(() => world.renewLease(banned)))?.status, 422, 'what is right stays')
    await cluster.unban(banned.name)
    await renewed(banned)
  })

  await t.test('the next look completes a ban that was cut after the ban list', async (t) => {
    const registration = await alive(t)
    await world.banAsAdmin(registration.name)
    await world.renewLease(registration)
    await settle()
    await stopped(registration)
  })

  await t.test('C10: a banned Node makes no Lease again', async (t) => {
    const registration = await alive(t)
    await cluster.ban(registration.name, 'removed by the contract')
    await stopped(registration)
    await world.deleteLeaseAsAdmin(registration.name)
    t.equal((await refusal(() => world.renewLease(registration)))?.status, 422)
    await settle()
    t.equal((await refusal(() => world.renewLease(registration)))?.status, 422)
    await cluster.unban(registration.name)
    await renewed(registration)
  })

  await t.test('a banned name without a Node makes no Lease until the ban is lifted', async (t) => {
    const registration = await machine(t)
    const { name } = registration
    t.teardown(() => cluster.unban(name))
    await cluster.ban(name, 'before it had a Node')
    await stopped(registration)
    await settle()
    await cluster.unban(name)
    await renewed(registration)
  })

  await t.test('bans and looks at the same time do not undo each other', async (t) => {
    const before = await cluster.nodes()
    const [one, two] = [await alive(t), await alive(t)]
    await Promise.all([
      cluster.settleBannedLeases(before, 0),
      cluster.ban(one.name, 'one'),
      cluster.settleBannedLeases(before, 1),
      cluster.ban(two.name, 'two'),
      cluster.settleBannedLeases(before, 2)
    ])
    for (const each of [one, two]) await stopped(each)
    await cluster.settleBannedLeases(before, 3)
    for (const each of [one, two]) t.equal((await refusal(() => world.renewLease(each)))?.status, 422)
    await Promise.all([cluster.unban(one.name), settle(), settle()])
    await settle()
    await renewed(one)
    await stopped(two)
  })

  await t.test('the ban list has each name with its reason, cut to 128 characters', async (t) => {
    const [short, long] = [unique('node'), unique('node')]
    t.teardown(() => Promise.all([short, long].map((name) => cluster.unban(name))))
    await cluster.ban(short, 'r'.repeat(128))
    await cluster.ban(long, 'r'.repeat(5000))
    const list = await cluster.bans()
    t.equal(list.get(short), 'r'.repeat(128))
    t.equal(list.get(long), `${'r'.repeat(125)}...`)
    await cluster.unban(short)
    t.notOk((await cluster.bans()).has(short))
  })

  await t.test('a full ban list refuses another name until one is removed', async (t) => {
    const [last, over] = [unique('node'), unique('node')]
    const undo = await world.fillBanList(200)
    t.teardown(async () => {
      await undo()
      for (const name of [last, over]) await cluster.unban(name)
    })
    await cluster.ban(last, 'r'.repeat(128))
    const full = { code: 'cluster-unavailable', message: /\(422\): .*"joinery-banned" is invalid: .*Too long/ }
    await t.rejects(cluster.ban(over, 'r'.repeat(128)), full)
    const list = await cluster.bans()
    t.same([list.has(last), list.has(over)], [true, false])
    await cluster.unban(last)
    await cluster.ban(over, 'r'.repeat(128))
    t.ok((await cluster.bans()).has(over))
  })

  await t.test('only the name of a node can be banned', async (t) => {
    await t.rejects(cluster.ban('No_Node', 'why'), { code: 'cluster-unavailable', message: /node names/ })
  })
}
