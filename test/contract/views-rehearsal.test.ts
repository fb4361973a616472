import { systemClock, systemRandom } from '@joinery/server/testing/base'
import { rehearsalCluster } from '@joinery/server/testing/rehearsal'
import t from 'tap'
import { viewsContract } from './views-contract.ts'

await viewsContract(t, 'the rehearsal cluster', () => rehearsalCluster(systemClock, systemRandom))
