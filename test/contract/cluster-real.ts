import { connectionTo } from '@joinery/kube'
import t from 'tap'
import { clusterContract, moreClusterContract } from './cluster-contract.ts'
import { codesContract } from './codes-contract.ts'
import { decisionsContract } from './decisions-contract.ts'
import { leastPrivilege, leastPrivilegeOnLog } from './least-privilege.ts'
import { logContract } from './log-contract.ts'
import { openRealCluster } from './real-cluster.ts'
import { openRealCodes } from './real-codes.ts'
import { openRealDecisions } from './real-decisions.ts'
import { viewsContract } from './views-contract.ts'

/**
 * The contract of the port on a real cluster: `node cluster-real.ts ADMIN-KUBECONFIG SERVER-KUBECONFIG [more | log]`, where
 * the address of its API server is this machine's. The second is what `joinery-server setup` made: its rights are part of
 * the contract, and so is what it has no right to. `more`: it was made for `servingCertificates: approve` and
 * `diagnosis: on`. `log`: it was made for `store: cluster`, and there is no head yet. Then only what that changes is asked.
 */
const [adminFile = '', serverFile = '', setting] = process.argv.slice(2)

// a test waits until the API server forgets a token that it let in
t.setTimeout(600_000)

const open = () => openRealCluster(adminFile, serverFile, setting === 'more')
if (setting === 'log') {
  await leastPrivilegeOnLog(t, open)
  await logContract(t, 'the real cluster', (sending) => connectionTo(serverFile, sending))
} else if (setting === 'more') {
  await moreClusterContract(t, 'the real cluster', open)
  await leastPrivilege(t, open, true)
} else {
  await clusterContract(t, 'the real cluster', open)
  await decisionsContract(t, 'the real cluster', () => openRealDecisions(adminFile, serverFile))
  await codesContract(t, 'the real cluster', () => openRealCodes(adminFile, serverFile))
  await viewsContract(t, 'the real cluster', async () => {
    const opened = await open()
    t.teardown(() => opened.close())
    return opened
  })
  await leastPrivilege(t, open)
}
