import { setTimeout } from 'node:timers/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { pageAt } from '@joinery/host/text/page-at'
import {
  type ClientOf,
  clientOf,
  type Enrolment,
  type EnrolmentQuery,
  type EnrolmentRow,
  type EventsQuery,
  eventsRoute,
  type List,
  operatorHeader,
  operatorRoutes,
  type Problem,
  pathOf,
  type Route,
  type Sent,
  type Status
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { createParser } from 'eventsource-parser'
import { Client as Connection, type Dispatcher } from 'undici'
import { Following } from '../follow/following.ts'
import { type ServerEvent, socketSource } from '../follow/socket-source.ts'
import { exitCodes, NoAnswer, ProblemAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** The operators' API over the socket, which shows all that the pairing server knows. */
export interface SocketClient extends Omit<ClientOf<typeof operatorRoutes>, 'listRows'> {
  readonly door: 'socket'
  /** The rows for a table. An earlier server has none, and gives whole enrolments. */
  listRows(query?: EnrolmentQuery): Promise<List<EnrolmentRow | Enrolment>>
  /** The enrolments that fit, which follow the server's events. `fromNow`: only those that change from now on. */
  follow(query?: EventsQuery, options?: { fromNow?: boolean }): Promise<Following<Enrolment>>
  /** Does nothing: a call itself says which look it covers. */
  cover(): void
  close(): Promise<void>
}

export interface ConnectOptions {
  /** Longest time of a call, in milliseconds. A server that has just started on a slow host may need half a minute. */
  timeout?: number
  /** The operator's name, for timeline and log. */
  operator?: string | undefined
  /** Kubeconfigs that are not there, if the operator named no way and none was found. */
  lacks?: readonly string[]
  /** Waits between two looks at a server that has no events. */
  pause?: Terminal['pause']
}

/** A client on the operators' unix socket. */
export const connect = (
  socketPath: string,
  { timeout = 60_000, operator, lacks, pause = (milliseconds) => setTimeout(milliseconds) }: ConnectOptions = {}
): SocketClient => {
  // without a path undici would ask a host of that name, over the network
  if (socketPath === '') {
    throw new CommandEnd(exitCodes.usage, 'the path of the socket is empty', 'leave --socket away, or give a path')
  }
  // the host only fills the Host header: the socket decides who answers
  const connection = new Connection('http://joinery-server', { socketPath })

  const broken = (error: unknown): unknown =>
    error instanceof CommandEnd ? error : connectionError(error, socketPath, { timeout, lacks })

  const send = async (route: Route, { reference, body, query = {} }: Sent): Promise<unknown> => {
    try {
      const answer = await connection.request({
        method: route.method,
        path: pathOf(route, reference),
        query,
        signal: AbortSignal.timeout(timeout),
        headers: {
          ...(operator !== undefined && { [operatorHeader]: operator }),
          ...(body !== undefined && { 'content-type': 'application/json' })
        },
        ...(body !== undefined && { body: JSON.stringify(body) })
      })
      return read(answer.statusCode, await answer.body.text())
    } catch (error) {
      throw broken(error)
    }
  }

  /** Opens a stream of events, on a connection of its own: a call would wait behind it. */
  const openEvents = async (
    query: EventsQuery,
    after: string | undefined,
    signal: AbortSignal
  ): Promise<AsyncIterable<ServerEvent>> => {
    const own = new Connection('http://joinery-server', { socketPath, headersTimeout: timeout, bodyTimeout: silence })
    const close = (): Promise<void> => own.destroy()
    try {
      const { path } = eventsRoute
      const headers = { accept: 'text/event-stream', ...given({ 'last-event-id': after }) }
      const { statusCode, body } = await own.request({ method: 'GET', path, query, signal, headers })
      if (statusCode !== 200) read(statusCode, await body.text())
      return eventsIn(body, broken, close)
    } catch (error) {
      await close()
      throw broken(error)
    }
  }

  const calls = clientOf(operatorRoutes, async (route, sent) => {
    if (sent.query?.dryRun !== undefined) requireOffer(await calls.status(), 'dry-run', 'has no dry run')
    if (Array.isArray(sent.query?.state)) requireOffer(await calls.status(), 'states', 'lists one state at a time')
    return send(route, sent)
  })
  const list = (query?: EnrolmentQuery) => all(calls.list, query)
  return {
    ...calls,
    door: 'socket',
    listCodes: (query) => all(calls.listCodes, query),
    list,
    listRows: (query) =>
      all(calls.listRows, query).catch((error: unknown) => {
        if (error instanceof ProblemAnswer && error.code === 'not-found') return list(query)
        throw error
      }),
    follow: async (query = {}, { fromNow = false } = {}) =>
      new Following(
        socketSource({
          list: async () => (fromNow ? [] : (await list(query)).items),
          open: (after, signal) => openEvents(query, after, signal),
          pause
        })
      ),
    cover: () => {},
    close: () => connection.close()
  }
}

/** Longest time in milliseconds without a word of a stream: the server says one at least each 20 s. */
const silence = 60_000

/** The events in a body. Throws what `broken` makes of the end of the connection, and closes it in any case. */
async function* eventsIn(
  body: Dispatcher.ResponseData['body'],
  broken: (error: unknown) => unknown,
  close: () => Promise<void>
): AsyncGenerator<ServerEvent> {
  const heard: ServerEvent[] = []
  const parser = createParser({
    onEvent: ({ event = 'message', id, data }) => void heard.push({ name: event, id, data })
  })
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body) {
      parser.feed(decoder.decode(chunk as Buffer, { stream: true }))
      yield* heard.splice(0)
    }
  } catch (error) {
    throw broken(error)
  } finally {
    await close()
  }
}

/** Throws if the server does not offer what it is asked for. An earlier version would carry out what it must only try. */
const requireOffer = ({ offers = [] }: Pick<Status, 'offers'>, offer: string, lack: string): void => {
  if (offers.includes(offer)) return
  const cause = `the pairing server is older than this command, and ${lack}: nothing is asked of it`
  throw new CommandEnd(exitCodes.failure, cause, 'systemctl restart joinery-server, once its package is as new')
}

type Page = Pick<EnrolmentQuery, 'limit' | 'continue'>

/** The whole list, page by page if there is no limit: a server with many items must not make one answer of all. */
const all = async <T>(ask: (query: Page) => Promise<List<T>>, query: Page = {}): Promise<List<T>> => {
  if (query.limit !== undefined) return ask(query)
  const items: T[] = []
  for (let next = query.continue; ; ) {
    const page = { ...query, limit: String(pageSize), ...given({ continue: next }) }
    const answer = await ask(page)
    items.push(...answer.items)
    next = answer.metadata?.continue
    if (next === undefined) return { items }
  }
}

/** Items in a page, as many as in kubectl's. */
const pageSize = 500

const read = (status: number, text: string): unknown => {
  const answer = parse(text)
  if (status < 400 && answer !== undefined) return answer
  if (isProblem(answer)) throw new ProblemAnswer(answer)
  const Failure = status >= 500 ? NoAnswer : CommandEnd
  throw new Failure(exitCodes.failure, `the answer (${status}) is not one of a pairing server`)
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === 'object' && answer !== null && 'code' in answer && 'title' in answer && 'status' in answer

const connectionError = (
  error: unknown,
  socketPath: string,
  { timeout, lacks }: { timeout: number; lacks: readonly string[] | undefined }
): CommandEnd => {
  const { name, message, code } = error as NodeJS.ErrnoException
  const cause = { cause: error }
  if (code === 'EACCES' || code === 'EPERM') {
    return new CommandEnd(exitCodes.denied, `not allowed to open ${socketPath}`, 'run it as root (sudo)', cause)
  }
  const away = (exitCode: CommandEnd['exitCode'], text: string, remedy: string) =>
    new NoAnswer(exitCode, text, remedy, cause)
  if (name === 'TimeoutError') {
    return away(exitCodes.timeout, `no answer within ${timeout / 1000} s`, 'systemctl status joinery-server')
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    if (lacks !== undefined) return away(exitCodes.failure, nowhere(socketPath, lacks), nameTheCluster)
    const remedy = 'run it on the host of the pairing server, and see: systemctl status joinery-server'
    return away(exitCodes.failure, `no pairing server listens on ${socketPath}`, remedy)
  }
  return away(exitCodes.failure, `the connection broke: ${message}`, 'journalctl --unit joinery-server')
}

const nowhere = (socketPath: string, lacks: readonly string[]): string =>
  `there is no kubeconfig${lacks.length === 0 ? '' : ` ${lacks.join(', ')}`} here, and no pairing server listens on ${socketPath}`

const nameTheCluster = `name the cluster: --kubeconfig FILE, or --context NAME (${pageAt('how-to/kubernetes.md')}); or run it as root on the host of the pairing server`
