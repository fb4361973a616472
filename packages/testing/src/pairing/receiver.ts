import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { eventually } from '../clocks/eventually.ts'

/** A request as a receiver got it. */
export interface Received {
  headers: IncomingHttpHeaders
  text: string
}

/** A server on loopback that takes requests and answers as the test says. */
export const openReceiver = async (t: Test) => {
  const received: Received[] = []
  const receiver = {
    received,
    status: 200,
    url: '',
    /** The first request of which `is` is true, once it is there. */
    until: (what: string, is: (one: Received) => boolean): Promise<Received> =>
      eventually(what, async () => received.find(is))
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() })
    response.writeHead(receiver.status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return receiver
}
