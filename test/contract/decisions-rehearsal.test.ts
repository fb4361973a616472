import { systemClock, systemRandom } from '@joinery/server/testing/base'
import { rehearsalCluster } from '@joinery/server/testing/rehearsal'
import t from 'tap'
import { decisionsContract } from './decisions-contract.ts'

await decisionsContract(t, 'the rehearsal cluster', async () => {
  const { decisions, unbindPolicy } = await rehearsalCluster(systemClock, systemRandom)
  return { objects: decisions, world: { ...decisions, unbindPolicy }, user: 'alice', close: async () => undefined }
})
