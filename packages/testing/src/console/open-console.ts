import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Terminal } from '@joinery/cli/testing/terminal'
import { consoleClient } from '@joinery/console/client'
import type { ConsoleApi, ConsoleEvent } from '@joinery/console/contract'
import type { Test } from 'tap'
import { shortSleep } from '../clocks/short-sleep.ts'
import { runWith } from '../command/operators.ts'

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** Header `undefined`: the request does without it. */
export interface Asking {
  method?: string
  headers?: Record<string, string | undefined>
  body?: string
}

export interface OpenConsole {
  /** The link as it was printed. */
  link: string
  /** `name:port` of the console, and the port alone. */
  own: string
  port: number
  /** The cookie that the link got, as a browser sends it. */
  cookie: string
  /** Asks as the page would, unless `asking` differs. */
  ask(path: string, asking?: Asking): Promise<Answer>
  /** Calls of the page. */
  client: ConsoleApi
  /** Opens the stream of events. */
  listen(): Promise<Stream>
  /** Ends the console as Ctrl-C does, and gives what its command printed. */
  end(): Promise<Awaited<ReturnType<typeof runWith>>>
  /** Resolves when the command ends. */
  ended: ReturnType<typeof runWith>
}

export interface Stream {
  status: number
  /** Waits for an event of this type, which none of the earlier calls has taken. */
  next<T extends ConsoleEvent['type']>(type: T): Promise<Extract<ConsoleEvent, { type: T }>>
  /** Resolves when the stream is over: true if the console ended it, false if it broke off. */
  complete: Promise<boolean>
  close(): void
}

/** A page that stands for the built one. */
const page = { 'index.html': '<!doctype html><title>Joinery</title>', 'assets/index-1a2b.js': 'export {}' }

/** Runs `joinery ... console` in this process, with its options, and does not come in. */
export const startConsole = async (
  t: Test,
  words: readonly string[],
  terminal: Partial<Terminal> = {},
  options: readonly string[] = []
) => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-page-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  for (const [name, content] of Object.entries(page)) writeFileSync(join(folder, name), content)
  const printed = Promise.withResolvers<string>()
  // a verb that waits hears of Ctrl-C too
  const told = new Set<() => void>()
  const interrupt = (): void => {
    for (const one of told) one()
  }
  const ended = runWith([...words, 'console', ...options], {
    consoleFolder: folder,
    now: () => new Date(),
    pause: shortSleep(5),
    onInterrupt: (one) => {
      told.add(one)
      return () => told.delete(one)
    },
    deliver: async (line) => printed.resolve(line.trim()),
    ...terminal
  })
  t.teardown(async () => {
    interrupt()
    await ended
  })
  const failed = ended.then(({ err }) => Promise.reject(new Error(`the console ended: ${err}`)))
  const link = await Promise.race([printed.promise, failed])
  const { host: own, port } = new URL(link)
  const end = () => {
    interrupt()
    return ended
  }
  return { link, own, port: Number(port), ended, end }
}

/** Runs `joinery ... console` in this process, and comes in by its link. */
export const openConsole = async (
  t: Test,
  words: readonly string[],
  terminal: Partial<Terminal> = {}
): Promise<OpenConsole> => {
  const started = await startConsole(t, words, terminal)
  const { link, own, port } = started
  const entered = await askPort(port, new URL(link).pathname, { headers: { host: own } })
  const cookie = `${entered.headers['set-cookie']}`.split(';', 1)[0] ?? ''
  const usual = { host: own, cookie, 'sec-fetch-site': 'same-origin' }
  const headersOf = ({ method = 'GET', headers = {} }: Asking) => ({
    ...usual,
    ...(method === 'POST' && { origin: `http://${own}`, 'content-type': 'application/json' }),
    ...headers
  })
  const ask = (path: string, asking: Asking = {}) => askPort(port, path, { ...asking, headers: headersOf(asking) })
  return {
    ...started,
    cookie,
    ask,
    client: consoleClient(async (path, { method = 'GET', body } = {}) => {
      const answer = await ask(`${path}`, { method, ...(body != null && { body: `${body}` }) })
      return new Response(answer.body, { status: answer.status })
    }),
    listen: async () => {
      const sent = request(optionsOf(port, '/api/changes', { headers: usual }))
      sent.end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      t.teardown(() => sent.destroy())
      return streamOf(response, () => sent.destroy())
    }
  }
}

const optionsOf = (port: number, path: string, { method = 'GET', headers = {} }: Asking): RequestOptions => ({
  host: '127.0.0.1',
  port,
  path,
  method,
  agent: false,
  headers: Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )
})

/** Sends one request to a port of loopback, with exactly these headers. */
export const askPort = async (port: number, path: string, asking: Asking): Promise<Answer> => {
  const sent = request(optionsOf(port, path, asking))
  sent.end(asking.body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}

const streamOf = (response: IncomingMessage, close: () => void): Stream => {
  const events: ConsoleEvent[] = []
  let waiting: (() => void)[] = []
  const heard = (): void => {
    const told = waiting
    waiting = []
    for (const tell of told) tell()
  }
  let rest = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.startsWith('data: ')) events.push(JSON.parse(part.slice('data: '.length)))
    heard()
  })
  response.on('error', () => {})
  const complete = new Promise<boolean>((resolve) => {
    response.once('close', () => resolve(response.complete))
  })
  return {
    complete,
    status: response.statusCode ?? 0,
    next: async (type) => {
      for (;;) {
        const at = events.findIndex((event) => event.type === type)
        const found = events[at]
        if (found !== undefined) {
          events.splice(0, at + 1)
          return found as never
        }
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
        })
      }
    },
    close
  }
}
