import { setImmediate } from 'node:timers/promises'
import {
  type AnswerOf,
  agentRoutes,
  bodyFor,
  clientOf,
  isProblemCode,
  knownPinHeader,
  type OwnEnrolment,
  Problem,
  protocolHeader,
  type Route,
  readProtocolVersion,
  readState,
  type SeenEnrolment,
  type Sent,
  serverName,
  statementHeader,
  version,
  witnessHeader,
  witnessIn
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Agent, buildConnector, type Dispatcher, errors, request } from 'undici'
import type { Identity } from '../keys/identity.ts'
import type { Clock } from '../program/clock.ts'
import type { Logger } from '../program/log.ts'
import { hearStatement, type LastStatement, type Word } from './hear-statement.ts'
import { type PairingServer, Refused, Unreachable, type WayBackServer } from './pairing-server.ts'
import { dial, explainConnectError, fetchPinnedAuthority, type PinnedAuthority } from './pin.ts'
import { onePin, type Pins } from './pins.ts'

/** Milliseconds. It is above the longest wait that the server grants (55 s). */
const headersTimeout = 70_000

/** Milliseconds beyond the seconds of a poll, after which no answer comes any more. */
const pollMargin = 20_000

/**
 * Milliseconds for what is no poll, and for a machine to take the connection, while there is another server to ask. An answer that came
 * too late does no harm: the same call gets the same answer.
 */
const impatience = { headers: 30_000, connect: 4_000 }

/**
 * Milliseconds of silence on an open connection after which the kernel asks each second whether the other side is still there. It gives
 * up after ten: a poll at a host that has lost its power ends after 15 s.
 */
const keepAliveInitialDelay = 5_000

/**
 * Milliseconds after the headers are due, by which the whole answer is there. The time-outs of undici begin anew with each byte, and with
 * each answer of status 1xx.
 */
const wholeAfter = 30_000

/** Most bytes of an answer. The longest one has the sealed keys of a control plane, 64 KB. */
const answerBytes = 256 * 1024

/** Milliseconds for a statement. What the server answered waits for it. */
const statementPatience = 10_000

interface HttpPairingServerOptions {
  /** Receiver of what the server signs of itself. If absent, no statement is asked for. */
  trust?: Trust
  /** True if there is another server to ask. */
  hasOthers?: () => boolean
  /** The witness of this agent, which all its connections share. */
  witness?: Witness
  /** The CA that this agent met last, which all its connections share. */
  met?: MetAuthority
}

/** The CA of the last server that was met: servers of one installation have the same one. */
export interface MetAuthority {
  last?: PinnedAuthority
}

/** Takes what a server says of itself over its pinned connections. */
export interface Trust {
  /** Called with each answer: the pin of the key that its server has proven to have, and its word, if it says anything. */
  hear: (pin: string, word: Word | undefined) => Promise<void>
  /** The last statement of this server. All its connections share it. */
  last: LastStatement
  log: Pick<Logger, 'warn'>
}

/** The text by which an agent shows a server, in its next request, what it was told last. The agent does not read it. */
export interface Witness {
  text?: string
}

export interface HttpPairingServer extends PairingServer, WayBackServer {
  /** Closes the connection. The next call opens another one. */
  close(): Promise<void>
}

/** Name and version of this program. The server counts outcomes by it, and decides nothing by it. */
const userAgent = `joinery-agent/${version}`

/** The pairing server over TLS 1.3, pinned. No connection that carries a request exists before the pin was checked. */
export const httpPairingServer = (
  server: string,
  pins: string | Pins,
  identity: () => Promise<Identity>,
  clock: Pick<Clock, 'now'>,
  { trust, hasOthers = () => false, witness = {}, met = {} }: HttpPairingServerOptions = {}
): HttpPairingServer => {
  const known = typeof pins === 'string' ? onePin(pins) : pins
  let dispatcher: Promise<Pinned> | undefined
  /** Version of the API that the server said on this connection. Until it has answered, it is taken for the oldest one. */
  let serverVersion = 1

  const connect = async (): Promise<Pinned> => {
    const patience = hasOthers() ? impatience.connect : undefined
    const [trusted, next] = [await known.trusted(server), await known.next()]
    const { last } = met
    // a handshake less: that of the request shows as well whether the server has this CA
    const isKnown = last !== undefined && trusted.includes(last.pin)
    const authority = isKnown ? last : await fetchPinnedAuthority(server, trusted, clock, { next, patience })
    met.last = authority
    const { key, certificate } = await identity()
    const overTls = buildConnector({
      ca: authority.certificate,
      servername: serverName,
      cert: certificate,
      key,
      minVersion: 'TLSv1.3',
      timeout: 10_000,
      keepAliveInitialDelay
    })
    const agent = new Agent({
      connect: (options, callback) =>
        void dial(server, clock, patience).then(
          (httpSocket) => overTls({ ...options, httpSocket }, callback),
          (error) => callback(error, null)
        ),
      headersTimeout,
      maxResponseSize: answerBytes,
      connections: 2
    })
    return { agent, pin: authority.pin, isKnown }
  }

  const forget = async (): Promise<void> => {
    const old = dispatcher
    dispatcher = undefined
    serverVersion = 1
    await old?.then(({ agent }) => agent.destroy()).catch(() => undefined)
  }

  const send = async (route: Route, sent: Sent, signal?: AbortSignal): Promise<Answer> => {
    const [{ method, path }, { body, query }] = [route, sent]
    dispatcher ??= connect()
    let isKnown = false
    try {
      const { agent, pin, ...pinned } = await dispatcher
      isKnown = pinned.isKnown
      const headers = {
        'user-agent': userAgent,
        ...given({ [knownPinHeader]: await known.next(), [witnessHeader]: witness.text })
      }
      const answer = await request(new URL(path, server), {
        dispatcher: agent,
        method,
        headersTimeout: headersTimeoutOf(query?.wait, hasOthers()),
        ...given({ query, signal }),
        ...(body === undefined
          ? { headers }
          : {
              body: JSON.stringify(bodyFor(route, body, serverVersion)),
              headers: { ...headers, 'content-type': 'application/json' }
            })
      })
      serverVersion = readProtocolVersion(answer.headers[protocolHeader])
      return { ...answer, agent, pin }
    } catch (error) {
      // the next call checks the pin again: the server may have another key by then
      await forget()
      if (isKnown && isOfChain(error)) {
        // nothing was sent: the server has another CA, or a newer certificate of it
        delete met.last
        return send(route, sent, signal)
      }
      // an error without a code of the system or of undici is a fault of our own
      throw hasCode(error) ? explainConnectError(server, error, clock) : error
    }
  }

  /** Sends a request, and reads the answer to its end. */
  const read = async (route: Route, sent: Sent, signal?: AbortSignal) => {
    const over = new AbortController()
    const within = headersTimeoutOf(sent.query?.wait, hasOthers()) + wholeAfter
    const late = setTimeout(() => over.abort(new errors.BodyTimeoutError()), within)
    try {
      const signals = [over.signal, ...(signal === undefined ? [] : [signal])]
      const { body, ...answer } = await send(route, sent, AbortSignal.any(signals))
      const text = await body.text().catch((error) => {
        throw explainConnectError(server, error, clock)
      })
      return { ...answer, text }
    } finally {
      clearTimeout(late)
    }
  }

  const ask = async (route: Route, sent: Sent, signal?: AbortSignal): Promise<unknown> => {
    const { statusCode, headers, text, ...pinned } = await read(route, sent, signal)
    await hear({ status: statusCode, header: headers[statementHeader] }, pinned, signal)
    const retryAfter = pauseIn(headers['retry-after'])
    if (statusCode >= 300) throw refusal(server, statusCode, text, retryAfter)
    const told = witnessIn(headers[witnessHeader])
    if (told !== undefined) witness.text = told
    // under load a poll may be answered before its time
    if (statusCode === 204 && retryAfter > 0) throw new Unreachable(`${server} is busy`, { retryAfter, next: 'here' })
    const content = statusCode === 204 ? null : parse(text)
    if (content === undefined) throw new Unreachable(`${server} answers with HTTP status ${statusCode} and no JSON`)
    if (!isAnswer(route, statusCode, content)) {
      throw new Unreachable(
        `${server} answers with HTTP status ${statusCode} and something else than ${route.path} has`
      )
    }
    return content ?? undefined
  }

  const hear = async (
    answer: { status: number; header: unknown },
    { agent, pin }: Omit<Pinned, 'isKnown'>,
    signal?: AbortSignal
  ) => {
    if (trust === undefined) return
    const fetch = async (): Promise<unknown> => {
      // the connection of the answer is free a turn after its end: before that undici would open another one
      await setImmediate()
      const { statusCode, body } = await request(new URL(agentRoutes.statement.path, server), {
        dispatcher: agent,
        headers: { 'user-agent': userAgent },
        signal: AbortSignal.any([AbortSignal.timeout(statementPatience), ...(signal ? [signal] : [])])
      })
      if (statusCode === 200) return body.json()
      await body.dump()
      throw new Error(`no statement: HTTP status ${statusCode}`)
    }
    // a statement that does not come is asked for again with the next answer
    const word = await hearStatement(answer, pin, trust.last, { server, fetch, log: trust.log }).catch(() => undefined)
    await trust.hear(pin, word)
  }

  const { cluster, reachability, claim, claimRecovery, ...own } = clientOf(agentRoutes, ask)
  return {
    cluster,
    reachability,
    claim,
    claimRecovery,
    enrol: async (request) => seen(await own.enrol(request)),
    wait: async (after, seconds, signal) => {
      const query = { after: String(after), wait: String(seconds) }
      const newer = (await ask(agentRoutes.wait, { query }, signal)) as AnswerOf<typeof agentRoutes.wait>
      return newer && seen(newer)
    },
    observe: async (observation) => seen(await own.observe(observation)),
    progress: async (request) => seen(await own.progress(request)),
    outcome: async (request) => seen(await own.outcome(request)),
    reportCauses: async (request) => seen(await own.reportCauses(request)),
    recover: async (request) => seen(await own.recover(request)),
    close: forget
  }
}

/** Milliseconds until the headers of an answer are there. `wait`: the seconds of a poll. */
const headersTimeoutOf = (wait: string | undefined, hasOthers: boolean): number => {
  if (!hasOthers) return headersTimeout
  return wait === undefined ? impatience.headers : Number(wait) * 1000 + pollMargin
}

/** A connection to the server, and the pin of the CA that its certificate is by. */
interface Pinned {
  agent: Dispatcher
  pin: string
  /** True if the CA was met before, and not looked at on this connection. */
  isKnown: boolean
}

type Answer = Dispatcher.ResponseData & Omit<Pinned, 'isKnown'>

/** The enrolment as this agent understands it: a newer server may have states of its own. */
const seen = (enrolment: OwnEnrolment): SeenEnrolment => ({ ...enrolment, state: readState(enrolment.state) })

/** True if the certificates of a server did not verify: Node names the reasons of OpenSSL so. */
const isOfChain = (error: unknown): boolean =>
  hasCode(error) && /^(UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_)/.test(`${error.code}`)

const hasCode = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error

/**
 * Milliseconds of a Retry-After header. 0 if the server asks for no pause. A date is not read: this machine's clock
 * would have to be right.
 */
const pauseIn = (header: unknown): number =>
  typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : 0

/**
 * The error for an answer that is no success. If the answer is no problem document of ours, it comes from something
 * between us and the server.
 */
const refusal = (server: string, status: number, text: string, retryAfter: number): Error => {
  const problem = parse(text)
  if (!isProblem(problem) || !isProblemCode(problem.code)) {
    return new Unreachable(`${server} answers with HTTP status ${status}`, { retryAfter })
  }
  const words = [problem.detail ?? problem.title, problem.remedy].filter(Boolean).join('; ')
  return new Refused(problem.code, words, { retryAfter })
}

/** The value of a JSON text. Undefined if it is none. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * True if the content of an answer has the types that its route says. A newer server may say more: fields that this agent does not know,
 * and words that are not in its lists.
 */
export const isAnswer = ({ response }: Pick<Route, 'response'>, status: number, content: unknown): boolean => {
  const schema = response[status]
  return schema !== undefined && Value.Check(typesOf(schema), content)
}

/** True if the content is a problem, as every answer is that is no success. */
export const isProblem = (content: unknown): content is Problem => Value.Check(Problem, content)

const known = new WeakMap<TSchema, TSchema>()

const typesOf = (schema: TSchema): TSchema => {
  const types = known.get(schema) ?? (loosened(schema) as TSchema)
  known.set(schema, types)
  return types
}

/** A schema without its lists of words, and without the end of its list of fields. */
const loosened = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(loosened)
  if (typeof schema !== 'object' || schema === null) return schema
  const { enum: words, additionalProperties: _, ...rest } = schema as Record<string, unknown>
  const parts = Object.entries(rest).map(([name, part]) => [name, loosened(part)])
  return { ...Object.fromEntries(parts), ...(words !== undefined && { type: 'string' }) }
}
