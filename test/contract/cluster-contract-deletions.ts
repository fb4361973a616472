import type { ClusterNode } from '@joinery/server/testing/cluster'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletIdentity, type OpenCluster, refusal, unique } from '@joinery/testing/cluster/cluster-fixture'
import type { NodeRegistration } from '@joinery/testing/cluster/world/cluster-world'
import type { Test } from 'tap'

/** Nodes that the server takes away, and those that the cluster does not let it take. */
export const deletionContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  const seen = (name: string): Promise<ClusterNode> =>
    eventually(`the port shows the Node ${name}`, async () =>
      (await cluster.nodes()).find((node) => node.name === name)
    )
  const isThere = async (name: string): Promise<boolean> => (await world.labelsAndTaints(name)) !== undefined
  const worker = async (t: Test): Promise<{ registration: NodeRegistration; node: ClusterNode }> => {
    const name = unique('node')
    t.teardown(() => cluster.unban(name))
    t.teardown(() => world.deleteNodeAsAdmin(name))
    const identity = await kubeletIdentity(t, open, name)
    const registration = { name, ...identity, machineId: unique('id'), systemUuid: unique('uuid') }
    await world.registerNode(registration)
    return { registration, node: await seen(name) }
  }

  await t.test('a banned worker is deleted and stays out, and a second deletion is success', async (t) => {
    const { node, registration } = await worker(t)
    await cluster.ban(node.name, 'contract')
    await cluster.deleteNode(node)
    t.notOk(await isThere(node.name))
    await cluster.deleteNode(node)
    await eventually(
      'it is kept out',
      async () => (await refusal(() => world.registerNode(registration)))?.status === 422
    )
  })

  await t.test('two servers that delete at once both succeed', async (t) => {
    const { node } = await worker(t)
    await cluster.ban(node.name, 'contract')
    await Promise.all([cluster.deleteNode(node), cluster.deleteNode(node)])
    t.notOk(await isThere(node.name))
  })

  await t.test('another Node of the same name stays', async (t) => {
    const { node } = await worker(t)
    await cluster.ban(node.name, 'contract')
    await cluster.deleteNode({ ...node, uid: '00000000-0000-4000-8000-000000000000' })
    t.ok(await isThere(node.name))
  })

  await t.test('the cluster lets the server delete only a banned worker', async (t) => {
    const { node } = await worker(t)
    const refused = { code: 'cluster-unavailable', message: /whose name is not banned/ }
    const other = unique('node')
    t.teardown(() => cluster.unban(other))
    await cluster.ban(other, 'contract')
    // it is patient with a policy that may not have heard of a ban yet
    await t.rejects(cluster.deleteNode(node), refused, 'another name is')
    t.ok(await isThere(node.name))
  })

  await t.test('the cluster lets the server delete no control plane', async (t) => {
    for (const role of ['control-plane', 'master']) {
      const { node } = await worker(t)
      await world.relabelNode(node.name, { labels: { [`node-role.kubernetes.io/${role}`]: '' }, taints: [] })
      await cluster.ban(node.name, 'contract')
      await t.rejects(cluster.deleteNode(node), { code: 'cluster-unavailable', message: /deletes workers only/ }, role)
      t.ok(await isThere(node.name), role)
    }
  })
}
