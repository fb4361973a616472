import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createListener, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { run } from '@joinery/cli/testing/program'
import type { Terminal } from '@joinery/cli/testing/terminal'
import { exec } from '@joinery/cli/testing/terminal'
import { parseConfig } from '@joinery/host/config-file'
import { operatorRoutes, ProblemError } from '@joinery/protocol'
import type { Test } from 'tap'
import { now } from './fixtures.ts'

type RouteName = keyof typeof operatorRoutes
interface Call {
  route: RouteName
  reference: string
  body: unknown
  /** The values of a name that comes more than once are one text: `pending and frozen`. */
  query?: Record<string, string>
}
/** Answers of the routes. Each returns the answer of a route, or throws the problem that the route answers. */
export type Answers = Partial<Record<RouteName, (call: Call) => unknown>>

/**
 * Serves the operators' API on a socket of its own, and refuses bodies that do not fit the schema. A test can stop it,
 * and start it again on the same socket.
 */
export const serveOperators = async (t: Test, answers: Answers) => {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    try {
      const call = await read(request)
      calls.push(call)
      // unless a test has other rows, those of the list do: they have more
      const answer = (answers[call.route] ?? (call.route === 'listRows' ? answers.list : undefined))?.(call)
      if (answer === undefined)
        throw new ProblemError('not-found', { detail: `no enrolment is called ${call.reference}` })
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    } catch (error) {
      const { body } = error as ProblemError
      response.statusCode = body.status
      response.setHeader('content-type', 'application/problem+json').end(JSON.stringify(body))
    }
  })
  const socket = await listen(t, server)
  const stop = async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  const start = async () => {
    server.listen(socket)
    await once(server, 'listening')
  }
  return { socket, calls, stop, start }
}

/** Opens a listener that treats every connection as `accept` does. */
export const listenRaw = (t: Test, accept: (peer: Socket) => void): Promise<string> => {
  const peers = new Set<Socket>()
  t.teardown(() => {
    for (const peer of peers) peer.destroy()
  })
  return listen(
    t,
    createListener((peer) => {
      peers.add(peer)
      accept(peer)
    })
  )
}

const listen = async (t: Test, server: Server): Promise<string> => {
  // not t.testdir(): the path of a socket has 107 characters at most
  const folder = mkdtempSync(join(tmpdir(), 'joinery-'))
  const socket = join(folder, 'operator.sock')
  server.listen(socket)
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  return socket
}

const read = async (request: IncomingMessage): Promise<Call> => {
  const [url = '', query = ''] = (request.url ?? '').split('?')
  for (const [name, route] of Object.entries(operatorRoutes)) {
    const path = new RegExp(`^${route.path.replace(':reference', '([^/]+)')}$`).exec(url)
    if (path === null || route.method !== request.method) continue
    const sent = await text(request)
    const body = 'body' in route ? parseConfig(route.body, sent) : { value: sent }
    if ('problems' in body) throw new ProblemError('invalid-request', { detail: body.problems[0]?.text ?? '' })
    const given = new URLSearchParams(query)
    const asked = Object.fromEntries([...given.keys()].map((key) => [key, given.getAll(key).join(' and ')]))
    const reference = decodeURIComponent(path[1] ?? '')
    return { route: name as RouteName, reference, body: body.value, ...(query !== '' && { query: asked }) }
  }
  throw new ProblemError('not-found')
}

/** Runs one command line in this process against `answers`. `calls` has what the server was asked. */
export const joinery = async (t: Test, answers: Answers, ...words: string[]) => {
  const { socket, calls } = await serveOperators(t, answers)
  return { ...(await runWith(words, { socket })), calls }
}

/**
 * Runs one command line on a terminal at which `typed` is typed in turn, and the last of them for ever. `questions` has
 * what was asked.
 */
export const joineryAsked = async (t: Test, serves: Answers, typed: readonly string[], ...words: string[]) => {
  const { socket, calls } = await serveOperators(t, serves)
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return typed[Math.min(questions.length, typed.length) - 1] ?? ''
  }
  return { ...(await runWith(words, { ask, socket })), calls, questions }
}

/**
 * Runs one command line in this process, with a clock that stands still, pauses that take no time, and nobody to ask.
 * `terminal` has what must be different.
 */
export const runWith = async (words: string[], terminal: Partial<Terminal> = {}) => {
  let out = ''
  let err = ''
  const write = {
    out: (line: string) => {
      out += line
    },
    err: (line: string) => {
      err += line
    }
  }
  const exitCode = await run(words, {
    ...write,
    deliver: async (text) => write.out(text),
    now: () => now,
    pause: async () => {},
    exec,
    colour: false,
    ...terminal
  })
  return { exitCode, out, err }
}
