import type { X509Certificate } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { fingerprint, serverName } from '@joinery/protocol'
import type { Clock } from '../program/clock.ts'
import { Unreachable } from './pairing-server.ts'

/** Milliseconds for a whole handshake. */
const timeout = 10_000

/** A CA that a server shows, PEM, with its pin. */
export interface PinnedAuthority {
  certificate: string
  pin: string
}

/**
 * The CA of the pairing server, if it is a pinned one. Opens TLS, looks at the chain and closes: no byte of ours is
 * sent. The caller then lets TLS verify the leaf by this CA. Throws Unreachable with what was expected and seen.
 * `next`: the next pin, also if it does not count at this server. `patience`: milliseconds until a machine has taken the connection.
 */
export const fetchPinnedAuthority = async (
  server: string,
  pins: readonly string[],
  clock: Pick<Clock, 'now'>,
  { next, patience = timeout }: { next?: string | undefined; patience?: number | undefined } = {}
): Promise<PinnedAuthority> => {
  const chain = await presentedChain(server, clock, patience)
  const authorities = chain
    .filter((certificate) => certificate.ca)
    .map((certificate) => ({ certificate: certificate.toString(), pin: fingerprint(certificate.publicKey) }))
  const pinned = authorities.find(({ pin }) => pins.includes(pin))
  if (pinned !== undefined) return pinned
  const seen = authorities.map(({ pin }) => pin).join(', ') || 'no CA'
  throw new Unreachable(
    `${server} is not the pinned server: expected a CA with key ${pins.join(' or ')}, seen ${seen}; nothing was sent; ${authorities.some(({ pin }) => pin === next) ? onlyLearned : rotated}`
  )
}

const onlyLearned =
  'it has the next pin, which counts only at a server of the configuration, or at one that was met before: put this URL and the pin that joinery status says on its host into /etc/joinery/agent.yaml, and restart joinery-agent'

const rotated =
  'if its CA was rotated meanwhile, put the pin that joinery status says on its host into /etc/joinery/agent.yaml, or enrol anew: joinery-agent enrol --replace'

const presentedChain = async (
  server: string,
  clock: Pick<Clock, 'now'>,
  patience: number
): Promise<X509Certificate[]> => {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate[]>()
  const socket = connectTls({
    socket: await dial(server, clock, patience),
    servername: serverName,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3'
  }).setTimeout(timeout)
  socket.once('secureConnect', () => resolve(chainOf(socket)))
  socket.once('timeout', () => reject(silent(server)))
  socket.once('error', (error: NodeJS.ErrnoException) => reject(explainConnectError(server, error, clock)))
  return promise.finally(() => socket.destroy())
}

/** Opens a connection to the server, on which nothing is said yet. `patience`: milliseconds until a machine has taken it. */
export const dial = async (server: string, clock: Pick<Clock, 'now'>, patience: number = timeout): Promise<Socket> => {
  const { hostname, port } = new URL(server)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) })
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  socket.setTimeout(patience)
  socket.once('connect', () => resolve(socket.setTimeout(0)))
  socket.once('timeout', () => reject(silent(server)))
  socket.once('error', (error: NodeJS.ErrnoException) => reject(explainConnectError(server, error, clock)))
  return promise.catch((error) => {
    socket.destroy()
    throw error
  })
}

const silent = (server: string): Unreachable => new Unreachable(`${server} does not answer`, { silent: true })

const chainOf = (socket: TLSSocket): X509Certificate[] => {
  const chain: X509Certificate[] = []
  let certificate = socket.getPeerX509Certificate()
  // a self-signed certificate is its own issuer
  while (certificate !== undefined && !chain.some((known) => known.fingerprint256 === certificate?.fingerprint256)) {
    chain.push(certificate)
    certificate = certificate.issuerCertificate
  }
  return chain
}

/** The error of a connection in plain words: what came instead of the server that was expected. */
export const explainConnectError = (
  server: string,
  error: NodeJS.ErrnoException,
  clock: Pick<Clock, 'now'>
): Unreachable => {
  const now = new Date(clock.now()).toISOString()
  const words: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there (connection refused)',
    ENOTFOUND: 'the name cannot be resolved',
    EAI_AGAIN: 'the name cannot be resolved now',
    EHOSTUNREACH: 'there is no route to it',
    ENETUNREACH: 'there is no route to it',
    ETIMEDOUT: 'it does not answer',
    UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
    UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
    UND_ERR_BODY_TIMEOUT: 'it does not answer',
    ECONNRESET: 'it closed the connection',
    UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is longer than any of a pairing server',
    UND_ERR_SOCKET: 'it closed the connection',
    ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS (plain HTTP?); nothing was sent',
    ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS (plain HTTP?); nothing was sent',
    CERT_NOT_YET_VALID: `its certificate is not valid yet by this machine's clock (${now}): set the clock; nothing was sent`,
    CERT_HAS_EXPIRED: `its certificate has expired by this machine's clock (${now}): is the clock right?; nothing was sent`,
    ERR_TLS_CERT_ALTNAME_INVALID: `its certificate is not for ${serverName}; nothing was sent`
  }
  const code = error.code ?? ''
  return new Unreachable(`${server}: ${words[code] ?? error.message}`, { cause: error, silent: silence.has(code) })
}

/** Errors after which nothing came back for as long as somebody waited. */
const silence: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT'
])
