import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { addressGroup } from '../../../core/base/address-group.ts'
import type { Budgets } from '../../../core/base/budgets.ts'
import type { Monotonic } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import { Buckets } from '../../../core/base/rates/buckets.ts'
import type { ScrapeStatus } from '../../../core/ports/scraping.ts'
import type { MetricsTls } from './tls.ts'
import type { HasToken } from './token.ts'

interface Parts {
  tls: MetricsTls
  /** The judge of tokens. Undefined if no token is let in. */
  hasToken: HasToken | undefined
  scrape: () => Promise<{ type: string; text: string }>
  /** Hears of each answer. */
  answered: (status: ScrapeStatus) => void
  budget: Budgets['metrics']
  monotonic: Monotonic
  log: Logger
}

/**
 * Builds the listener for metrics, which does not listen yet. It has nothing but `GET /metrics`, takes no body, and says nothing before
 * it has seen a credential. Connections are bounded before TLS, where a refusal costs the least, so whoever floods it holds up neither
 * the agents nor, from one address, another Prometheus.
 */
export const metricsListener = (parts: Parts): Server => {
  const { tls, budget, monotonic } = parts
  const server = createServer(
    {
      ...tls,
      requestCert: tls.ca !== undefined,
      // who has no certificate may have a token; what counts is looked at for each request
      rejectUnauthorized: false,
      handshakeTimeout: budget.handshake,
      headersTimeout: budget.headersTimeout,
      requestTimeout: budget.headersTimeout,
      keepAliveTimeout: budget.idle,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: budget.headerBytes
    },
    (request, response) => void answer(parts, request, response)
  )
  server.maxRequestsPerSocket = 100
  // of a reader that does not take its answer
  server.setTimeout(budget.idle, (socket: Socket) => socket.destroy())
  // it is a net.Server as well, and tls.Server's own listener begins the handshake
  const [shake] = server.listeners('connection') as [(socket: Socket) => void]
  server.removeAllListeners('connection')
  server.on(
    'connection',
    bounded(budget, monotonic, (socket) => shake.call(server, socket))
  )
  return server
}

/**
 * A listener that lets connections in, or cuts one beyond the budgets. If there is no place left, the oldest connection makes
 * room.
 */
const bounded = (
  budget: Budgets['metrics'],
  monotonic: Monotonic,
  letIn: (socket: Socket) => void
): ((socket: Socket) => void) => {
  const sockets = new Map<Socket, string>()
  const all = new Buckets(budget.newConnections, monotonic, 1)
  const ofAddress = new Buckets(budget.newConnectionsOfAddress, monotonic, budget.connections * 32)
  return (socket) => {
    const group = addressGroup(socket.remoteAddress)
    const neighbours = sockets.values().filter((one) => one === group)
    const refused =
      [...neighbours].length >= budget.connectionsOfAddress || ofAddress.take(group) > 0 || all.take('all') > 0
    if (refused) return void socket.destroy()
    const [oldest] = sockets.keys()
    if (sockets.size >= budget.connections) oldest?.destroy()
    sockets.set(socket, group)
    socket.once('close', () => sockets.delete(socket))
    letIn(socket)
  }
}

const answer = async (parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { scrape, answered, log } = parts
  const end = (status: ScrapeStatus, headers: Record<string, string> = {}, text = ''): void => {
    answered(status)
    const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
    // whoever was refused begins again: what it still sends is not read
    const last = status === '200' ? {} : { connection: 'close' }
    response.writeHead(Number(status), {
      ...common,
      ...last,
      'content-length': String(Buffer.byteLength(text)),
      ...headers
    })
    response.end(text)
  }
  try {
    if (!(await mayScrape(parts, request))) return end('401', { 'www-authenticate': 'Bearer realm="metrics"' })
    if (request.url?.split('?')[0] !== '/metrics') return end('404')
    if (request.method !== 'GET') return end('405', { allow: 'GET' })
    if (hasBody(request)) return end('400')
    const { type, text } = await scrape()
    end('200', { 'content-type': type }, text)
  } catch (err) {
    log.error({ err }, 'the metrics cannot be given')
    end('500')
  }
}

/** True if the request has a credential: a client certificate by a CA of the configuration, or the token. */
const mayScrape = async ({ tls, hasToken }: Parts, { socket, headers }: IncomingMessage): Promise<boolean> => {
  if (tls.ca !== undefined && (socket as TLSSocket).authorized) return true
  return (await hasToken?.(headers.authorization)) ?? false
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
