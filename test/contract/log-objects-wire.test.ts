import { logApi } from '@joinery/testing/cluster/log-api'
import t from 'tap'
import { logObjectsContract } from './log-objects-contract.ts'

await logObjectsContract(
  t,
  'over HTTP',
  async () => {
    // the contract closes it: a teardown of the file would end the other files of its process
    const api = await logApi({ teardown: () => {} })
    return { objects: api.client(), others: api.client(), close: async () => api.close() }
  },
  { races: 20 }
)
