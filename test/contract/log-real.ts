import { connectionTo } from '@joinery/kube'
import t from 'tap'
import { logContract } from './log-contract.ts'

/**
 * The log and the Leases on a real cluster: `node log-real.ts SERVER-KUBECONFIG`. It is the credential of a server with
 * `store: cluster`: its rights are part of the contract. There must be no head yet.
 */
const [serverFile = ''] = process.argv.slice(2)
t.setTimeout(300_000)

await logContract(t, 'the real cluster', (sending) => connectionTo(serverFile, sending))
