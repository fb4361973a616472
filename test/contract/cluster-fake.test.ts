import { namespace, serviceAccount } from '@joinery/kube/names'
import { systemClock } from '@joinery/server/testing/base'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import type { ServerRights } from '@joinery/testing/cluster/fake/ground'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import t from 'tap'
import { clusterContract } from './cluster-contract.ts'
import { codesContract } from './codes-contract.ts'
import { decisionsContract } from './decisions-contract.ts'
import { leastPrivilege, leastPrivilegeOnLog } from './least-privilege.ts'
import { viewsContract } from './views-contract.ts'

// each row waits for controllers, as on a real cluster
t.setTimeout(600_000)

for (const more of [false, true]) {
  await clusterContract(t, `the fake cluster${more ? ', with serving certificates and diagnosis' : ''}`, async () => {
    const cluster = await fakeCluster(systemClock, { secrets: true, serving: more, diagnosis: more })
    return { cluster, world: cluster, serving: more, diagnosis: more, close: async () => undefined }
  })
}

const open = async () => {
  const cluster = await fakeCluster(systemClock)
  const { unbindPolicy } = cluster
  return { cluster, unbindPolicy, views: cluster.views, user: 'alice', close: async () => undefined }
}

await decisionsContract(t, 'the fake cluster', async () => {
  const { cluster, ...opened } = await open()
  return { ...opened, objects: cluster.decisions, world: { ...cluster.decisions, unbindPolicy: opened.unbindPolicy } }
})
await codesContract(t, 'the fake cluster', async () => {
  const { cluster, ...opened } = await open()
  return { ...opened, objects: cluster.codes, world: { ...cluster.codes, unbindPolicy: opened.unbindPolicy } }
})
await viewsContract(t, 'the fake cluster', open)

const openWith = async (rights: ServerRights) => {
  const cluster = await fakeCluster(systemClock, rights)
  const { fake } = cluster
  return {
    cluster,
    world: cluster,
    access: { server: fake.url, certificateAuthority: fake.authority.certificate, carrier: fake.carrier },
    administrator: fake.admin,
    server: { token: fake.tokenOf(namespace, serviceAccount) },
    close: async () => undefined
  }
}
await leastPrivilege(t, async () => {
  const opened = await openWith({ secrets: true })
  const key = 'node-role.kubernetes.io/control-plane'
  await apiClient(opened.access, opened.administrator).post('/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'control-plane', labels: { [key]: '' } },
    spec: { taints: [{ key, effect: 'NoSchedule' }] }
  })
  return opened
})
await leastPrivilegeOnLog(t, () => openWith({ secrets: true, log: true }))
