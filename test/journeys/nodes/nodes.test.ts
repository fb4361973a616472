import { joined } from '@joinery/testing/pairing/joined'
import { joinOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

const nodes = async ({ operator }: Pairing) => (await operator.listNodes()).items

t.test('every Node of the cluster is listed with its enrolment', async (t) => {
  const pairing = await openPairing(t, {}, (cluster, clock) => joinOutside(cluster, clock, 'cp-1'))
  await pairing.reconcile()
  const { machine } = await joined(pairing, 'worker-1')
  await pairing.cluster.relabelNode('worker-1', { labels: { 'node-role.kubernetes.io/edge': '' }, taints: [] })
  await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
  await pairing.reconcile()
  const { id } = await pairing.operator.show('worker-1')
  const [cp, worker, rogue, ...others] = await nodes(pairing)
  t.same(others, [])
  t.match(cp, { name: 'cp-1', trace: 'outside', before: true, condition: 'Unknown' })
  t.notOk(cp?.wrong)
  t.match(worker, {
    name: 'worker-1',
    trace: 'enrolled',
    condition: 'Ready',
    agent: { version: 'dev' },
    roles: ['edge'],
    machineId: machine.facts.machineId,
    enrolment: { id, state: 'joined', key: machine.identity.fingerprint }
  })
  t.notOk(worker?.wrong)
  t.match(rogue, { name: 'worker-9', trace: 'outside', before: false, wrong: /outside of Joinery/ })
})

t.test('a Node that must go and cannot be deleted shows why', async (t) => {
  const pairing = await openPairing(t)
  // the server deletes no control plane
  const marked = { labels: { 'node-role.kubernetes.io/control-plane': '' }, taints: [] }
  const { certificate, key } = await joined(pairing, 'node-1')
  await pairing.cluster.relabelNode('node-1', marked)
  const machineId = 'f'.repeat(32)
  await pairing.cluster.registerNode({ name: 'node-1', certificate, key, machineId, systemUuid: machineId })
  await joined(pairing, 'node-2')
  await pairing.cluster.relabelNode('node-2', marked)
  await pairing.operator.reject('node-2', { reason: 'not one of ours' })
  await pairing.reconcile()
  t.match(await nodes(pairing), [
    { trace: 'other-machine', wrong: new RegExp(`machine id ${machineId}, but the enrolled machine has`) },
    { trace: 'unwanted', enrolment: { state: 'rejected' }, wrong: /not one of ours$/ }
  ])
})

t.test('a list of Nodes fails while the cluster is away', async (t) => {
  const pairing = await openPairing(t)
  await pairing.cluster.goDown()
  await t.rejects(pairing.operator.listNodes(), { code: 'cluster-unavailable' })
})
