import { systemClock, systemRandom } from '@joinery/server/testing/base'
import { rehearsalCluster } from '@joinery/server/testing/rehearsal'
import t from 'tap'
import { codesContract } from './codes-contract.ts'

await codesContract(t, 'the rehearsal cluster', async () => {
  const { codes, unbindPolicy } = await rehearsalCluster(systemClock, systemRandom)
  return { objects: codes, world: { ...codes, unbindPolicy }, user: 'alice', close: async () => undefined }
})
