import { startupTaint } from '@joinery/protocol'
import { type AgentMachine, openMachine } from '@joinery/testing/agents/agents'
import { insist } from '@joinery/testing/agents/insist'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { sharedKeys } from '@joinery/testing/cluster/shared-keys'
import { clusterKeys, controlPlaneMark, grant, keysOf } from '@joinery/testing/pairing/control-planes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const labels = { rack: 'r7' }
const taints = [{ key: 'dedicated', value: 'api', effect: 'NoSchedule' as const }]
const ownTaint = { key: 'node-role.kubernetes.io/control-plane', value: '', effect: 'NoSchedule' as const }
const folder = '/etc/kubernetes/pki'

/** A machine with a code for a control plane, and what root would grant it. */
const open = async (t: Test, pairing: Pairing, name = 'cp-2') => {
  const machine = await openMachine(t, pairing, name)
  const { code } = await pairing.operator.createCode({ name, ttl: 1800, role: 'control-plane', labels, taints })
  await machine.putCode(code)
  return { machine, keys: await keysOf(pairing) }
}
const isGranted = async (pairing: Pairing, machine: AgentMachine, keys: Record<string, string>) => {
  await approvePending(pairing, machine)
  await says(machine, new RegExp(`joinery grant ${machine.name}`))
  await insist('it is granted', () => grant(pairing, machine.name, keys))
}

t.test('an agent waits for root, gets the keys of the cluster, and ends when its control plane is Ready', async (t) => {
  const pairing = await openPairing(t)
  const { machine, keys } = await open(t, pairing)
  const agent = machine.start()
  await approvePending(pairing, machine)
  await says(machine, /joinery grant cp-2/)
  t.notOk(await machine.has(`${folder}/ca.key`))
  await grant(pairing, 'cp-2', keys)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, machine)
  for (const [name, text] of Object.entries(keys))
    t.equal(await machine.machine.files.read(`${folder}/${name}`), text, name)
  const node = await pairing.cluster.labelsAndTaints('cp-2')
  t.same(node?.labels, { ...controlPlaneMark, ...labels })
  t.same(
    node?.taints.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    [...taints, ownTaint]
  )
})

t.test(
  "a control plane with a gate registers with the startup taint and kubeadm's own, and comes into service",
  async (t) => {
    const pairing = await openPairing(t)
    const { cluster, operator } = pairing
    const registered: unknown[] = []
    const { registerNode } = cluster
    cluster.registerNode = (node) => {
      registered.push(node.taints)
      return registerNode(node)
    }
    const machine = await openMachine(t, pairing, 'cp-2')
    const readyWhen = ['condition:example.org/Storage']
    const { code } = await operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane', taints, readyWhen })
    await machine.putCode(code)
    const agent = machine.start()
    await approvePending(pairing, machine)
    await says(machine, /joinery grant cp-2/)
    await grant(pairing, 'cp-2', await keysOf(pairing))
    t.equal(await agent.ended, 'done')
    t.same(registered, [[ownTaint, ...taints, startupTaint]], 'from the first moment')
    const seen = async () => (await cluster.labelsAndTaints('cp-2'))?.taints.map(({ key }) => key).sort()
    await eventually('it is ready', async () => (await operator.show('cp-2')).notYet)
    t.same(
      await seen(),
      [...taints, startupTaint, ownTaint].map(({ key }) => key)
    )
    await cluster.setCondition('cp-2', 'example.org/Storage', true)
    await eventually('it is in service', async () => (await operator.show('cp-2')).inService)
    t.same(
      await seen(),
      [...taints, ownTaint].map(({ key }) => key)
    )
  }
)

t.test('if kubeadm is killed before its kubelet is there, the next attempt joins by the same grant', async (t) => {
  const pairing = await openPairing(t)
  const { machine, keys } = await open(t, pairing)
  machine.machine.killNextJoin('manifests', 'done')
  machine.start()
  await isGranted(pairing, machine, keys)
  await assertJoined(t, pairing, machine, 2)
  const { timeline } = await pairing.operator.show('cp-2')
  t.equal(timeline.filter(({ event }) => event === 'grant').length, 1)
})

t.test('the agent marks a control plane that kubeadm could not mark, and it is ready', async (t) => {
  const pairing = await openPairing(t)
  const { machine, keys } = await open(t, pairing)
  machine.machine.killNextJoin('bootstrap', 'done')
  machine.start()
  await isGranted(pairing, machine, keys)
  await assertJoined(t, pairing, machine)
  t.match((await pairing.cluster.labelsAndTaints('cp-2'))?.labels, controlPlaneMark)
})

t.test('the machine refuses keys of another cluster, and takes a grant of the right ones', async (t) => {
  const pairing = await openPairing(t)
  const { machine, keys } = await open(t, pairing)
  machine.start()
  await isGranted(pairing, machine, clusterKeys)
  const failed = async () => (await pairing.operator.show('cp-2')).attempts[0]?.failure
  t.match(await eventually('it failed', failed), /keys are of another cluster/)
  t.notOk(await machine.has(`${folder}/ca.key`))
  await insist('it is granted anew', () => grant(pairing, 'cp-2', keys))
  await assertJoined(t, pairing, machine, 2)
})

for (const key of ['ca.key', 'front-proxy-ca.key', 'etcd/ca.key', 'sa.key']) {
  t.test(`the machine places no key if a hostile pairing server grants its own ${key}`, async (t) => {
    const pairing = await openPairing(t)
    const { machine, keys } = await open(t, pairing)
    const placed: string[] = []
    machine.watch = async (moment) => {
      if (await machine.has(`${folder}/sa.pub`)) placed.push(moment)
    }
    machine.start()
    // anybody can seal to the machine's key, and the server knows the certificates of its cluster
    await isGranted(pairing, machine, { ...keys, [key]: (await sharedKeys())[key] as string })
    const failed = async () => (await pairing.operator.show('cp-2')).attempts[0]?.failure
    t.match(await eventually('it failed', failed), new RegExp(`${key} is not the key of .*(crt|pub)`))
    t.same(placed, [])
    machine.watch = () => {}
    await insist('it is granted anew', () => grant(pairing, 'cp-2', keys))
    await assertJoined(t, pairing, machine, 2)
  })
}

t.test('two granted control planes join one after the other', async (t) => {
  const pairing = await openPairing(t)
  const both = [await open(t, pairing, 'cp-2'), await open(t, pairing, 'cp-3')]
  for (const { machine } of both) machine.start()
  await Promise.all(both.map(({ machine, keys }) => isGranted(pairing, machine, keys)))
  for (const { machine } of both) await assertJoined(t, pairing, machine)
  const spans = await Promise.all(
    both.map(async ({ machine: { name } }) => {
      const { attempts, ready = '' } = await pairing.operator.show(name)
      return [attempts[0]?.claimed ?? '', ready]
    })
  )
  const [first, second] = spans.sort() as [string[], string[]]
  t.ok((first[1] ?? '') <= (second[0] ?? ''), 'the second claimed when the first was ready')
})
