import { connectionTo } from '@joinery/kube'
import { systemClock } from '@joinery/server/testing/base'
import { kubernetesLog } from '@joinery/server/testing/kubernetes'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { setUpFor } from '@joinery/testing/cluster/fake/ground'
import t from 'tap'
import { logContract } from './log-contract.ts'
import { logObjectsContract } from './log-objects-contract.ts'

const rights = { secrets: true, log: true }

await logObjectsContract(
  t,
  'over HTTP',
  async () => {
    const { own } = await fakeCluster(systemClock, rights)
    return { objects: kubernetesLog(own), others: kubernetesLog(own), close: async () => undefined }
  },
  { races: 20 }
)

const { fake } = await fakeCluster(systemClock, rights)
const { serverFile } = await setUpFor(rights)
const { carrier } = fake
await logContract(t, 'the fake cluster', (sending) => connectionTo(serverFile, { carrier, ...sending }))
