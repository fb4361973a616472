import { once, setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import type { UnguardedCluster } from '@joinery/server/testing/cluster'
import type { ClusterWorld } from '@joinery/testing/cluster/world/cluster-world'
import { Agent, request } from 'undici'

/** A certificate request by the holder of a bootstrap token. `wait`: for the certificate. */
export interface Asked {
  token: string
  request: string
  wait: boolean
}

/** The rehearsal cluster for kubelets that are other processes: what they would ask the API server for, on a unix socket. */
export const openClusterDoor = async (cluster: UnguardedCluster & ClusterWorld, socket: string): Promise<void> => {
  const never = new AbortController().signal
  const changes = new EventTarget()
  // a listener for each who waits
  setMaxListeners(0, changes)
  cluster.watch(() => changes.dispatchEvent(new Event('change')), never)

  const answer = async ({ token, request, wait }: Asked): Promise<string> => {
    const [id = '', secret = ''] = token.split('.')
    const name = await cluster.submitCsr({ token: { id, secret }, request })
    while (wait && (await cluster.csr(name))?.certificate === undefined) await once(changes, 'change')
    return name
  }
  const server = createServer(async (request, response) => {
    try {
      if (request.method === 'DELETE') await cluster.deleteCsr((request.url ?? '').slice(1))
      response.end(request.method === 'DELETE' ? '' : await answer((await json(request)) as Asked))
    } catch (error) {
      response.writeHead(422).end(String(error))
    }
  })
  server.listen(socket)
  await once(server, 'listening')
}

/** Gives the name of the request. Throws where it is refused. */
export const askFor = (socket: string, asked: Asked): Promise<string> =>
  call(socket, 'POST', '/', JSON.stringify(asked))

/** As the cluster's own controller does after a while. */
export const forget = (socket: string, csr: string): Promise<string> => call(socket, 'DELETE', `/${csr}`)

const agents = new Map<string, Agent>()

const call = async (socketPath: string, method: 'POST' | 'DELETE', path: string, body?: string): Promise<string> => {
  const dispatcher = agents.get(socketPath) ?? new Agent({ connect: { socketPath } })
  agents.set(socketPath, dispatcher)
  const answer = await request(`http://cluster${path}`, { dispatcher, method, body: body ?? null })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`the cluster answered ${answer.statusCode}: ${text}`)
  return text
}
