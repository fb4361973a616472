import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { agentRoutes, digestOf, ProblemError, type StatementAnswer, statementHeader } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Test } from 'tap'

/**
 * An answer of a played server. `cut` closes the connection in place of an answer. `none` never comes. One with `drips` begins,
 * goes on a byte at a time, and calls it for each.
 */
export type FrontAnswer =
  | { status: number; headers?: Record<string, string | string[]>; body?: unknown }
  | { drips: () => void }
  | 'cut'
  | 'none'

/** A listener for agents with the keys of a real pairing server, which is played. */
export interface AgentsFront {
  url: string
  port: number
  /** Requests so far, such as `GET /v1/enrolment`. */
  requests: string[]
  /** Connections so far. */
  connections: number
  /** Answers each request from now on. */
  answer: (line: string) => FrontAnswer
  /** Statement that it gives from now on: each answer has the digest. Absent for an earlier server. */
  statement: StatementAnswer | undefined
  /** Digest that its answers have while it gives no statement. */
  digest: string | undefined
  /** Goes on with the keys in this state folder. */
  turn(state: string): Promise<void>
  /** Cuts every connection, and refuses each new one. */
  close(): Promise<void>
}

/** The answer of a server that stands by. */
export const standsBy = (): FrontAnswer => ({
  status: 503,
  headers: { 'retry-after': '1' },
  body: new ProblemError('not-active').body
})

/** Opens a front with the keys in this state folder. It stands by, until a test says otherwise. */
export const agentsFront = async (t: Test, state: string): Promise<AgentsFront> => {
  const tls = {
    ...(await keysIn(state)),
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false
  } as const
  const server = createServer(tls, (request, response) => {
    const line = `${request.method} ${request.url?.replace(/\?.*/, '')}`
    front.requests.push(line)
    const { statement } = front
    const isAsked = line === `GET ${agentRoutes.statement.path}` && statement !== undefined
    const answer: FrontAnswer = isAsked ? { status: 200, body: statement } : front.answer(line)
    request.resume()
    if (answer === 'cut') request.socket.destroy()
    else if (answer === 'none') return
    else if ('drips' in answer) {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' ', answer.drips), 20)
      response.once('close', () => clearInterval(drip))
    } else {
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        ...given({ [statementHeader]: statement === undefined ? front.digest : digestOf(statement) }),
        ...answer.headers
      })
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body))
    }
  })
  server.on('connection', () => {
    front.connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  t.teardown(close)
  const front: AgentsFront = {
    url: `https://127.0.0.1:${port}`,
    port,
    requests: [],
    connections: 0,
    answer: () => standsBy(),
    statement: undefined,
    digest: undefined,
    turn: async (state) => {
      server.setSecureContext(await keysIn(state))
      server.closeAllConnections()
    },
    close
  }
  return front
}

const keysIn = async (state: string) => {
  const read = (file: string) => readFile(join(state, file), 'utf8')
  return { key: await read('tls.key'), cert: `${await read('tls.crt')}\n${await read('ca.crt')}` }
}
