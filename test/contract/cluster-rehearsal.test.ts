import { systemClock } from '@joinery/server/clock.ts'
import { rehearsalCluster } from '@joinery/server/cluster/rehearsal/rehearsal-cluster.ts'
import { systemRandom } from '@joinery/server/random.ts'
import t from 'tap'
import { clusterContract } from './cluster-contract.ts'

clusterContract(t, 'the rehearsal cluster', async () => {
  const rehearsal = await rehearsalCluster(systemClock, systemRandom)
  return { cluster: rehearsal, world: rehearsal, close: async () => undefined }
})
