import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeAuthority, makeKey, makeLeaf, readKeyPair } from '@joinery/server/testing/keys'
import type { Test } from 'tap'
import { stringify } from 'yaml'

export interface ApiServer {
  /** Text of a kubeconfig by which a client reaches the server. */
  kubeconfig(token: string): string
  /** Number of TLS connections so far. */
  connections(): number
  close(): void
}

/** A TLS server at a loopback address that answers as the test says: it shows what a client does with any answer. */
export const apiServer = async (
  t: Pick<Test, 'teardown'>,
  answer: (request: IncomingMessage, response: ServerResponse) => void
): Promise<ApiServer> => {
  const now = new Date()
  const pair = readKeyPair(makeKey())
  const certificate = await makeAuthority(pair, now)
  const key = makeKey()
  const cert = await makeLeaf({ pair, certificate }, readKeyPair(key), ['127.0.0.1'], now)
  const server = createServer({ key, cert }, answer)
  let connections = 0
  server.on('secureConnection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  t.teardown(close)
  return {
    connections: () => connections,
    close,
    kubeconfig: (token) =>
      stringify({
        clusters: [
          {
            name: 'c',
            cluster: {
              server: `https://127.0.0.1:${port}`,
              'certificate-authority-data': Buffer.from(certificate).toString('base64')
            }
          }
        ],
        users: [{ name: 'u', user: { token } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x'
      })
  }
}
