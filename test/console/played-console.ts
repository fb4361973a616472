import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import {
  type AuditPage,
  type ConsoleApi,
  type ConsoleEvent,
  type ConsoleProblem,
  type ConsoleSession,
  type Counts,
  calls,
  changesPath,
  consoleVerbs,
  fits,
  type ListPage,
  type ListQuery,
  pageSize,
  type Rights,
  type SeenEnrolmentDetail
} from '@joinery/cli/console'
import { pagePolicy } from '@joinery/cli/testing/console'
import { states } from '@joinery/protocol'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css'
}

/** The headers of the real console: what the page does must work under them. */
const headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store'
}

export const allRights: Rights = Object.fromEntries(
  consoleVerbs.map((verb) => [verb, { may: true }])
) as unknown as Rights

export const noRights: Rights = Object.fromEntries(
  consoleVerbs.map((verb) => [verb, { may: false, missing: `${verb} on enrolments.joinery.dev` }])
) as unknown as Rights

const session: ConsoleSession = {
  version: '0.1.0',
  door: { to: 'socket', path: '/run/joinery/operator.sock' },
  name: 'cluster-1',
  who: 'alice (uid 1000)',
  rights: allRights,
  ends: '2026-12-01T00:00:00Z'
}

/** A refusal as the real console answers it. */
export class Refused extends Error {
  readonly problem: ConsoleProblem

  constructor(problem: Pick<ConsoleProblem, 'code' | 'title' | 'status'> & Partial<ConsoleProblem>) {
    super(problem.title)
    this.problem = { type: `urn:joinery:problem:${problem.code}`, ...problem }
  }
}

export interface PlayedConsole {
  url: string
  machines: Map<string, SeenEnrolmentDetail>
  /** Answers of the other calls. A test sets those that it is about. */
  answers: Partial<ConsoleApi>
  session: ConsoleSession
  /** Bodies of all POST requests, in their order. */
  asked: { call: string; body: unknown }[]
  /** Changes machines, and tells every page. */
  put(...changed: SeenEnrolmentDetail[]): void
  tell(event: ConsoleEvent): void
  /** Cuts every stream. */
  cut(): void
  close(): Promise<void>
}

/** A server that plays the console's contract from memory, with the built page. For what the real one would take long to come to. */
export const playConsole = async (page: string, given: readonly SeenEnrolmentDetail[]): Promise<PlayedConsole> => {
  const machines = new Map(given.map((one) => [one.id, one]))
  const streams = new Set<ServerResponse>()
  let look = 1

  const counts = (): Counts => {
    const all = Object.fromEntries(states.map((state) => [state, 0])) as Record<string, number>
    for (const { state } of machines.values()) all[state] = (all[state] ?? 0) + 1
    return all as Counts
  }
  const list = async (query: ListQuery = {}): Promise<ListPage> => {
    const { order = 'newest', limit = `${pageSize}` } = query
    const rank = ({ created, id }: SeenEnrolmentDetail) => `${created} ${id}`
    const sign = order === 'newest' ? -1 : 1
    const all = [...machines.values()]
      .filter((one) => fits(one, query))
      .sort((one, other) => (rank(one) < rank(other) ? -sign : sign))
    const from = query.continue === undefined ? 0 : Number(query.continue)
    const end = from + Number(limit)
    const items = all.slice(from, end).map(({ timeline: _, ...row }) => row)
    return { items, total: all.length, counts: counts(), look, ...(end < all.length ? { continue: `${end}` } : {}) }
  }
  const find = (id: string): SeenEnrolmentDetail => {
    const found = machines.get(id)
    if (found === undefined) throw new Refused({ code: 'not-found', title: 'Not found', status: 404 })
    return found
  }
  const tell = (event: ConsoleEvent): void => {
    for (const stream of streams) stream.write(`data: ${JSON.stringify(event)}\n\n`)
  }
  const put = (...changed: SeenEnrolmentDetail[]): void => {
    look += 1
    for (const one of changed) machines.set(one.id, one)
    tell({ type: 'changed', look, rows: changed.map(({ timeline: _, ...row }) => row), gone: [], counts: counts() })
  }
  const moved = (body: { id: string; revision: number; key: string }, state: SeenEnrolmentDetail['state']) => {
    const now = find(body.id)
    if (now.revision !== body.revision || now.key !== body.key)
      throw new Refused({
        code: 'revision-changed',
        title: 'The evidence has changed since it was shown',
        status: 409,
        now
      })
    const next = { ...now, state, revision: now.revision + 1, since: new Date().toISOString(), message: state }
    put(next)
    return next
  }
  const audit: AuditPage = { items: [], read: 0, of: 0 }
  const played: PlayedConsole = {
    url: '',
    machines,
    session: { ...session },
    asked: [],
    put,
    tell,
    cut: () => {
      for (const stream of streams) stream.destroy()
    },
    answers: {},
    close: async () => {}
  }
  const api: Partial<ConsoleApi> = {
    session: async () => played.session,
    list,
    show: async (id) => find(id),
    codes: async () => ({ items: [] }),
    nodes: async () => ({ items: [] }),
    alerts: async () => ({ count: 0, items: [] }),
    audit: async () => audit,
    pictures: async () => ({ days: [], stages: [], failures: [] }),
    approve: async (body) => moved(body, 'approved'),
    retry: async (body) => moved(body, 'approved'),
    reject: async (body) => moved(body, 'rejected'),
    release: async (body) => moved(body, 'pending'),
    remove: async (body) => moved(body, 'removed')
  }

  const argumentOf = async (request: IncomingMessage, url: URL, name: string, path: string): Promise<unknown> => {
    if (path.endsWith('/')) return decodeURIComponent(url.pathname.slice(path.length))
    if (request.method !== 'POST') return Object.fromEntries(url.searchParams)
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body: unknown = JSON.parse(Buffer.concat(parts).toString())
    played.asked.push({ call: name, body })
    return body
  }
  const begin = (response: ServerResponse): void => {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' })
    response.write(`retry: 300\n\ndata: ${JSON.stringify({ type: 'look', look })}\n\n`)
    streams.add(response)
    response.on('close', () => streams.delete(response))
  }
  /** Every address that is no file is the page. */
  const sendPage = async ({ pathname }: URL, response: ServerResponse): Promise<void> => {
    const file = extname(pathname) === '' ? 'index.html' : pathname
    const text = await readFile(join(page, file)).catch(() => undefined)
    response.writeHead(text === undefined ? 404 : 200, {
      ...headers,
      'content-type': types[extname(file)] ?? '',
      ...(text !== undefined && file === 'index.html' && { 'content-security-policy': pagePolicy(`${text}`) })
    })
    response.end(text)
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://console')
    if (url.pathname === changesPath) return begin(response)
    const called = Object.entries(calls).find(([, { path }]) =>
      path.endsWith('/') ? url.pathname.startsWith(path) : url.pathname === path
    )
    if (called === undefined) return sendPage(url, response)
    const [name, { path }] = called
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { ...headers, 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    try {
      const given = await argumentOf(request, url, name, path)
      const does = (played.answers[name as keyof ConsoleApi] ?? api[name as keyof ConsoleApi]) as
        | ((given: unknown) => Promise<unknown>)
        | undefined
      if (does === undefined) throw new Refused({ code: 'not-found', title: 'Not played here', status: 404 })
      send(200, await does(given))
    } catch (error) {
      const problem = error instanceof Refused ? error.problem : { title: `${error}`, code: 'internal', status: 500 }
      send(problem.status, problem)
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  played.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  played.close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return played
}
