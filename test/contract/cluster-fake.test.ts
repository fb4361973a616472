import { systemClock } from '@joinery/server/testing/base'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import t from 'tap'
import { clusterContract } from './cluster-contract.ts'
import { codesContract } from './codes-contract.ts'
import { decisionsContract } from './decisions-contract.ts'
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
