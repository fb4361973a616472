import { logApi } from '@joinery/testing/cluster/log-api'
import t from 'tap'
import { logObjectsContract } from './log-objects-contract.ts'

await logObjectsContract(
  t,
  'over HTTP',
  async () => {
    // the contract closes it
    const api = await logApi({ teardown: () => {} })
    return { objects: api.client(), others: api.client(), close: async () => api.close() }
  },
  { races: 20 }
)
