import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

t.test('a machine that enrolled gets the facts of its cluster, and the time', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const { time, prefetch, ...facts } = await machine.server.cluster()
  const { cluster } = pairing
  t.same(prefetch, [{ image: 'registry.k8s.io/kube-proxy:v1.37.2' }], 'that of kubeadm’s ConfigMaps')
  t.same(
    { version: await cluster.version(), ...(await cluster.network()), ...(await cluster.nodeConfiguration()) },
    facts
  )
  t.match(facts, { controlPlanes: ['172.30.0.1:6443'], etcd: 'stacked' })
  t.same(facts.kubelet, { cgroupDriver: 'systemd', rotateCertificates: true })
  t.equal(facts.kubeProxyMode, 'iptables')
  pairing.clock.advance(30_000)
  const later = await machine.server.cluster()
  t.ok(Date.parse(later.time) - Date.parse(time) >= 30_000, 'the time is never an old one')
})

t.test('before its approval a machine gets only the facts that preflight needs', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const own = await machine.enrol((await pairing.code('worker-1')).code)
  const { state } = await pairing.operator.show('worker-1')
  t.equal(state, 'pending')
  t.same(Object.keys(await machine.server.cluster()).sort(), [
    'controlPlaneEndpoint',
    'controlPlanes',
    'etcd',
    'imageRepository',
    'kubeProxyMode',
    'kubelet',
    'podSubnets',
    'prefetch',
    'serviceSubnets',
    'time',
    'version'
  ])
  t.same(Object.keys(own).sort(), ['attempt', 'id', 'message', 'name', 'revision', 'role', 'state'])
})

t.test('a machine gets kubelet-config and kube-proxy field by field', async (t) => {
  const pairing = await openPairing(t)
  const kubelet = {
    failSwapOn: false,
    swapBehavior: 'LimitedSwap',
    cgroupDriver: 'cgroupfs',
    serverTLSBootstrap: true,
    rotateCertificates: false,
    userNamespaces: false,
    idsPerPod: 131_072,
    maxPods: 250
  }
  await pairing.cluster.configureNodes(
    'kubelet-config',
    `failSwapOn: false
memorySwap: {swapBehavior: LimitedSwap}
cgroupDriver: cgroupfs
serverTLSBootstrap: true
rotateCertificates: false
featureGates: {UserNamespacesSupport: false}
userNamespaces: {idsPerPod: 131072}
maxPods: 250
evictionHard: {memory.available: 1Gi}
`
  )
  await pairing.cluster.configureNodes('kube-proxy', 'mode: ipvs')
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const facts = await machine.server.cluster()
  t.same(facts.kubelet, kubelet, 'and no other field of it')
  t.equal(facts.kubeProxyMode, 'ipvs')
})

t.test('a stranger gets no facts of the cluster', async (t) => {
  const pairing = await openPairing(t)
  const stranger = await pairing.machine()
  await pairing.code('worker-1')
  t.equal(await refusedWith(stranger.server.cluster()), 'not-found')
  t.equal(await refusedWith(stranger.enrol('jny_0000000000000000000000000000')), 'code-not-accepted')
  t.equal(await refusedWith(stranger.server.cluster()), 'not-found', 'nor who tried to')
})

t.test('an ended enrolment gets no more facts of the cluster', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  t.equal(await refusedWith(machine.server.cluster()), undefined)
  pairing.clock.advance(24 * 3600_000)
  t.equal(await refusedWith(machine.server.cluster()), 'not-found', 'expired, also before a sweep has seen it')
  const other = await pairing.machine()
  await other.enrol((await pairing.code('worker-2')).code)
  await pairing.operator.reject('worker-2', { reason: 'not ours' })
  t.equal(await refusedWith(other.server.cluster()), 'not-found', 'rejected')
})

t.test('facts of a cluster out of reach are refused, until it is back', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await pairing.cluster.goDown()
  t.equal(await refusedWith(machine.server.cluster()), 'cluster-unavailable')
  await pairing.cluster.comeBack()
  pairing.clock.advance(10_000)
  t.match(await machine.server.cluster(), { version: /^v1/ })
  await pairing.cluster.goDown()
  t.match(await machine.server.cluster(), { version: /^v1/ }, 'what was read a moment ago is good for all')
  pairing.clock.advance(60_000)
  t.equal(await refusedWith(machine.server.cluster()), 'cluster-unavailable', 'for a minute')
})
