import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { Refusal } from '@joinery/testing/cluster/world/cluster-world'
import { readKubeconfig } from '../../contract/kubeconfig.ts'

/**
 * A thief of the server's token renews it without a pause, until an API server refuses each token that it ever got:
 * `node token-thief.ts KUBECONFIG STOLEN`. It writes the file STOLEN when it has the first token of its own, and at the end says
 * how many it got. If it is still let in after a minute and a half, it ends with status 1.
 */
const path = '/api/v1/namespaces/joinery-system/serviceaccounts/joinery-server/token'
const { access, identity } = await readKubeconfig(process.argv[2] ?? '')
const clientOf = (token: string) => apiClient(access, { token })
const clients = 'token' in identity ? [clientOf(identity.token)] : []

const renewed = async (client: (typeof clients)[number]): Promise<string | number> => {
  try {
    const spec = { expirationSeconds: 3600 }
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
    return (await client.post<{ status: { token: string } }>(path, request)).status.token
  } catch (error) {
    if (error instanceof Refusal) return error.status
    throw error
  }
}

const most = 20
const deadline = performance.now() + 90_000
for (let first = true; ; first = false) {
  const answers = await Promise.all(clients.slice(-most).map(renewed))
  const tokens = answers.filter((answer) => typeof answer === 'string')
  if (first && tokens.length === 0) throw new Error(`nothing could be stolen: ${answers.join()}`)
  if (first) await writeFile(process.argv[3] ?? '', '')
  // a few are as good as all, and each new one is asked with as well
  clients.push(...tokens.slice(0, 2).map(clientOf))
  if (answers.every((answer) => answer === 401)) break
  if (performance.now() > deadline) throw new Error(`still let in: ${answers.join()}`)
  await sleep(100)
}
console.log(JSON.stringify({ stolen: clients.length - 1 }))
await Promise.all(clients.map((client) => client.close()))
