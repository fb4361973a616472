import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { offer } from './offer.ts'
import { usage } from './usage.ts'

/** What the least that can be done costs: the same TLS, the body read, a constant answer. Nothing is parsed or kept. */
const calls = {
  start: async (tls: ServerOptions): Promise<number> => {
    const answer = JSON.stringify({ id: '', revision: 1 })
    const headers = { 'content-type': 'application/json', 'content-length': answer.length }
    const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      request.resume().on('end', () => response.writeHead(201, headers).end(answer))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  },
  usage
}
export type BareServerCalls = typeof calls

offer(calls)
