import { X509Certificate } from 'node:crypto'
import { policies, tokenGroups, workerGroup } from '@joinery/kube/names'
import type { ClusterNode } from '@joinery/server/testing/cluster'
import { eventually } from '@joinery/testing/clocks/eventually'
import {
  kubeletIdentity,
  makeToken,
  type OpenCluster,
  pendingCsr,
  refusal,
  unique
} from '@joinery/testing/cluster/cluster-fixture'
import { nodeclientBinding } from '@joinery/testing/cluster/world/cluster-world'
import type { Test } from 'tap'

export const accessContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  await t.test("the version is the API server's", async (t) => {
    t.match(await cluster.version(), /^v1\.\d+\.\d+$/)
  })

  await t.test("the time is the API server's, from its last answer", async (t) => {
    const before = Date.now()
    await cluster.version()
    const [now, after] = [cluster.now()?.getTime() ?? 0, Date.now()]
    t.ok(now > before - 5000 && now < after + 5000, `${now} is not near ${after}, where both have one clock`)
  })

  await t.test('each call of the port counts as an answer', async (t) => {
    const { all, refused } = cluster.answers()
    await cluster.version()
    await cluster.nodes()
    const after = cluster.answers()
    t.ok(after.all >= all + 2, `${all}, then ${after.all}`)
    t.equal(after.refused, refused, 'and none was 429')
  })

  await t.test('the endpoint is a URL and a CA that parses', async (t) => {
    const { server, certificateAuthority } = await cluster.endpoint()
    t.match(server, /^https:\/\/[^/]+:\d+$/)
    t.ok(new X509Certificate(certificateAuthority).ca)
  })

  await t.test('the network is CIDRs, and the address of each API server', async (t) => {
    const { podSubnets, serviceSubnets, controlPlanes, controlPlaneEndpoint, etcd } = await cluster.network()
    for (const cidr of [...podSubnets, ...serviceSubnets]) t.match(cidr, /^[0-9a-f.:]+\/\d{1,3}$/, cidr)
    t.not(serviceSubnets.length, 0, 'every API server has a network for Services')
    t.not(controlPlanes.length, 0)
    for (const address of controlPlanes) t.match(address, /^(\[[0-9a-f:]+\]|[0-9.]+):\d{1,5}$/, address)
    t.same(controlPlanes, [...new Set(controlPlanes)].sort())
    t.match(controlPlaneEndpoint, /^[^/]+$/, 'other control planes may join')
    t.match(etcd, /^(stacked|external)$/)
  })

  await t.test(
    'the configuration of kubelet and kube-proxy is the one that kubeadm gives each joining machine',
    async (t) => {
      const { kubelet } = await cluster.nodeConfiguration()
      t.match(kubelet, { cgroupDriver: 'systemd', rotateCertificates: true }, 'as kubeadm writes it')
      t.not(kubelet?.failSwapOn, false, 'a stock cluster bears no swap')
      const undoKubelet = await world.configureNodes(
        'kubelet-config',
        'failSwapOn: false\nmemorySwap: {swapBehavior: LimitedSwap}\nserverTLSBootstrap: true\ncgroupDriver: [broken]\n'
      )
      t.teardown(undoKubelet)
      const undoProxy = await world.configureNodes('kube-proxy', 'mode: nftables\n')
      t.teardown(undoProxy)
      t.same(await cluster.nodeConfiguration(), {
        kubelet: { failSwapOn: false, swapBehavior: 'LimitedSwap', serverTLSBootstrap: true },
        kubeProxyMode: 'nftables'
      })
      await undoKubelet()
      await undoProxy()
      t.same((await cluster.nodeConfiguration()).kubelet, kubelet)
    }
  )

  await t.test('a configuration that nobody can read is left out, and stops no machine', async (t) => {
    const undo = await world.configureNodes('kubelet-config', 'failSwapOn: [\n')
    t.teardown(undo)
    t.equal((await cluster.nodeConfiguration()).kubelet, undefined)
    await undo()
    t.not((await cluster.nodeConfiguration()).kubelet, undefined)
  })

  await t.test('cluster-info is public until nobody may read it without a credential', async (t) => {
    t.equal(await cluster.publishesClusterInfo(), true)
    t.match(await world.clusterInfo(), { kubeconfig: /./ })
    const undo = await world.hideClusterInfo()
    t.teardown(undo)
    await eventually('it is private', async () => !(await cluster.publishesClusterInfo()))
    t.match((await refusal(() => world.clusterInfo()))?.status, 403)
    await undo()
    await eventually('it is public again', () => cluster.publishesClusterInfo())
  })

  await t.test('the hosts of the API server are its endpoint and each control plane', async (t) => {
    const hosts = await cluster.apiHosts()
    t.equal(await cluster.publishedEndpoint(), (await cluster.endpoint()).server)
    const { controlPlanes } = await cluster.network()
    const urls = [(await cluster.endpoint()).server, ...controlPlanes.map((address) => `https://${address}`)]
    for (const url of urls) t.ok(hosts.includes(new URL(url).hostname.replace(/^\[|\]$/g, '')), url)
    t.same(hosts, [...new Set(hosts)].sort())
  })

  await t.test("a binding of kubeadm approves kubeadm's own group, and none approves Joinery's groups", async (t) => {
    const kubeadm = await cluster.autoApproval('system:bootstrappers:kubeadm:default-node-token')
    t.match(kubeadm, 'kubeadm:node-autoapprove-bootstrap')
    for (const group of tokenGroups) t.equal(await cluster.autoApproval(group), undefined, group)
  })

  await t.test('a binding of all bootstrappers is named, and approves any CSR', async (t) => {
    const undo = await world.bindBootstrappersToNodeclient()
    t.teardown(undo)
    const named = await eventually('the binding is seen', () => cluster.autoApproval(workerGroup))
    t.match(named, nodeclientBinding)
    const csr = await pendingCsr(t, open, unique('node'))
    await eventually('approved by nobody of ours', async () => (await world.csr(csr.name))?.approved)
    await undo()
    await eventually('the binding is gone', async () => (await cluster.autoApproval(workerGroup)) === undefined)
  })

  await t.test('a watch reports a CSR and a Node until it is stopped, also after an outage', async (t) => {
    const name = unique('node')
    const identity = await kubeletIdentity(t, open, name)
    t.teardown(() => world.deleteNodeAsAdmin(name))
    const changeNode = () => world.registerNode({ name, ...identity, machineId: unique('id'), systemUuid: name })
    const makeCsr = () => pendingCsr(t, open, name)
    const [watch, other] = [observe(t, open), observe(t, open)]

    // twice: the first nudge may say no more than that the watch is connected
    for (const act of [changeNode, makeCsr, changeNode, makeCsr]) await watch.nudgedBy(act)
    await world.goDown()
    await world.comeBack()
    for (const act of [changeNode, makeCsr, changeNode, makeCsr]) await watch.nudgedBy(act)

    watch.stop()
    const nudges = watch.nudges()
    for (const act of [changeNode, makeCsr, changeNode, makeCsr]) await other.nudgedBy(act)
    t.equal(watch.nudges(), nudges)
  })

  await t.test('a watch gives a Node as a list does, and the same after a heartbeat', async (t) => {
    const name = unique('node')
    const identity = await kubeletIdentity(t, open, name)
    t.teardown(() => world.deleteNodeAsAdmin(name))
    const registration = { name, ...identity, machineId: unique('id'), systemUuid: name, addresses: ['192.0.2.7'] }
    const watch = observe(t, open)
    const given = () => watch.nodes().findLast((node) => node.name === name)
    await world.registerNode(registration)
    await world.setNodeReady(name, 'True', 'KubeletReady', 'it is')
    const changed = await eventually('the watch gives it as it is', async () => {
      const rack = unique('rack')
      await world.relabelNode(name, { labels: { rack }, taints: [] })
      return soon(() => {
        const node = given()
        return node?.labels.rack === rack && node
      })
    })
    const listed = (await cluster.nodes()).find((node) => node.name === name)
    // the control plane is at work on these, one after the other
    const { taints: _, labels: __, podCidrs: ___, ...same } = changed
    t.match(listed, same)
    t.equal(changed.created.getMilliseconds(), 0)
    const before = watch.nodes().length
    await eventually('it is given again', async () => {
      await world.heartbeat(name)
      const again = () => watch.nodes().slice(before)
      return soon(() => again().some((node) => node.name === name) && true)
    })
    const { taints: ____, labels: _____, podCidrs: ______, ...again } = given() ?? changed
    t.same(again, same)
  })

  await t.test('a watch reports only that a Node was deleted', async (t) => {
    const name = unique('node')
    const identity = await kubeletIdentity(t, open, name)
    const registration = { name, ...identity, machineId: unique('id'), systemUuid: name }
    const watch = observe(t, open)
    await watch.nudgedBy(() => world.registerNode({ ...registration, machineId: unique('id') }))
    const before = watch.unnamed()
    await world.deleteNodeAsAdmin(name)
    await eventually('it says so', async () => watch.unnamed() > before)
  })

  await t.test('every call fails while the API server is out of reach, until it is back', async (t) => {
    const token = await makeToken(t, open)
    const csr = await pendingCsr(t, open, unique('node'))
    t.teardown(() => world.comeBack())
    await world.goDown()
    const calls: (() => Promise<unknown>)[] = [
      () => cluster.version(),
      () => cluster.endpoint(),
      () => cluster.publishedEndpoint(),
      () => cluster.apiHosts(),
      () => cluster.network(),
      () => cluster.nodeConfiguration(),
      () => cluster.publishesClusterInfo(),
      () => cluster.nameHolder('any'),
      () => cluster.boundPods('any'),
      () => cluster.autoApproval(workerGroup),
      ...policies.map(
        (policy) => () => cluster.policyGaps(policy, { credential: 'token', serving: false }, new Date())
      ),
      () => cluster.createToken({ ...token, id: 'gggggg' }),
      () => cluster.deleteToken(token.id),
      () => cluster.kubeletCsrs(),
      () => cluster.servingCsrs(),
      () => cluster.approveCsr(csr),
      () => cluster.createOwnCsr({ name: 'joinery-contract', request: csr.request }),
      () => cluster.ownCsr(csr.name),
      () => cluster.deleteOwnCsr('joinery-contract'),
      () => cluster.nodes(),
      () => cluster.setLabelsAndTaints({ name: 'any', uid: 'any' }, { labels: {}, taints: [] }),
      () => cluster.deleteNode({ name: 'any', uid: 'any' }),
      () => cluster.ban('any', 'never written'),
      () => cluster.unban('any'),
      () => cluster.generation(),
      () => cluster.noteGeneration('1', 'any'),
      () => cluster.settleBannedLeases([], 0)
    ]
    for (const call of calls) {
      await t.rejects(call(), { code: 'cluster-unavailable', message: /connection/ }, call.toString())
    }
    await world.comeBack()
    t.match(await cluster.version(), /^v1/)
    t.ok(await world.tokenData(token.id))
    t.match(await world.csr(csr.name), { approved: false })
  })
}

/** A watch of which one can wait until it was nudged by an act. It may miss any, so the act is repeated. */
const observe = (t: Test, { cluster }: OpenCluster) => {
  let nudges = 0
  const nodes: ClusterNode[] = []
  let nudged = (): void => undefined
  const controller = new AbortController()
  t.teardown(() => controller.abort())
  const changed = (node?: ClusterNode): void => {
    nudges++
    if (node !== undefined) nodes.push(node)
    nudged()
  }
  cluster.watch(changed, controller.signal)
  return {
    nudges: () => nudges,
    /** Those that it gave. */
    nodes: () => nodes,
    /** How often it gave none. */
    unnamed: () => nudges - nodes.length,
    stop: () => controller.abort(),
    nudgedBy: (act: () => Promise<unknown>): Promise<true> =>
      eventually('a nudge', async () => {
        let isNudged = false
        nudged = () => {
          isNudged = true
        }
        await act()
        return soon(() => isNudged && true)
      })
  }
}

/** What comes within a second of waiting. Undefined if nothing does: then the act is repeated. */
const soon = <T>(look: () => T | false | undefined): Promise<T | undefined> =>
  eventually('it comes soon', look, { patience: 1_000 }).catch(() => undefined)
