import { systemClock } from '@joinery/server/clock.ts'
import { rehearsalCluster } from '@joinery/server/cluster/rehearsal/rehearsal-cluster.ts'
import { systemRandom } from '@joinery/server/random.ts'
import t from 'tap'
import { clusterContract } from './cluster-contract.ts'

for (const serving of [false, true]) {
  clusterContract(t, `the rehearsal cluster${serving ? ', with serving certificates' : ''}`, async () => {
    const rehearsal = await rehearsalCluster(systemClock, systemRandom, { secrets: true, serving })
    return { cluster: rehearsal, world: rehearsal, serving, close: async () => undefined }
  })
}
