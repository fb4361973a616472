import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Problem } from '@joinery/protocol'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Assets } from '../assets.ts'
import { requireShape } from '../bodies.ts'
import { type Call, type ConsoleApi, type CreatedCode, calls, changesPath } from '../contract.ts'
import type { Entrance } from '../guard/entrance.ts'
import { cookieName, guardingHeaders, judgeRequest, readCookie } from '../guard/judge-request.ts'
import { problemFrom, Refused, refusal, toldProblem } from '../problem.ts'
import type { Streams } from './streams.ts'

interface HandlerParts {
  /** `name:port` of this console. */
  own: string
  entrance: Entrance
  assets: Assets
  api: ConsoleApi
  streams: Streams
  told: Terminal['told']
  /** Hears of each request of somebody who has come in, or comes in. */
  used(): void
}

/** Path of the one-time link, before its secret. */
export const enterPath = '/enter/'

type Calls = readonly (readonly [name: keyof ConsoleApi, call: Call])[]
const table = Object.entries(calls) as unknown as Calls

/** Answers the requests of a console. */
export const consoleHandler = (parts: HandlerParts) => {
  const { own, entrance, assets, streams, used } = parts
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(guardingHeaders)) response.setHeader(name, value)
    try {
      const { method = '', headers } = request
      const [path = '', query = ''] = (request.url ?? '').split('?', 2)
      const isApi = path.startsWith('/api/')
      const verdict = judgeRequest(
        {
          method,
          host: headers.host,
          origin: headers.origin,
          site: headers['sec-fetch-site']?.toString(),
          contentType: headers['content-type'],
          isApi
        },
        own
      )
      if (verdict !== 'fine') throw refusal(verdict)
      if (path.startsWith(enterPath)) {
        enter(path.slice(enterPath.length), method, entrance, response)
        return used()
      }
      if (!isApi) return sendAsset(path, assets, method, response)
      if (!entrance.knows(readCookie(headers.cookie))) throw notSignedIn()
      used()
      if (path === changesPath && method === 'GET') return streams.begin(response)
      await answerCall(request, response, { path, query }, parts)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else await sendRefusal(response, problemFrom(error), isForPerson(request))
    }
  }
}

/** True if a person has typed or followed an address, and a page is to be shown. */
const isForPerson = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') === true

const notSignedIn = () =>
  refusal('not-signed-in', {
    detail: 'the console of this page has ended, or another browser has used its link',
    remedy: 'joinery console'
  })

/** Takes the link, once. The page follows under an address without the secret. */
const enter = (secret: string, method: string, entrance: Entrance, response: ServerResponse): void => {
  const cookie = method === 'GET' ? entrance.enter(secret) : undefined
  if (cookie === undefined) throw refusal('link-not-accepted', { remedy: 'joinery console' })
  response
    .writeHead(303, {
      location: '/',
      'set-cookie': `${cookieName}=${cookie}; Path=/; HttpOnly; SameSite=Strict`,
      'cache-control': 'no-store'
    })
    .end()
}

/** Sends a file of the page. Any other path is a view of the page, which the page itself shows. */
const sendAsset = (path: string, assets: Assets, method: string, response: ServerResponse): void => {
  const isFile = path.startsWith('/assets/')
  const asset = assets.get(path) ?? (isFile ? undefined : assets.get('/index.html'))
  if (asset === undefined) throw refusal('not-found')
  response
    .writeHead(200, {
      'content-type': asset.type,
      'content-length': asset.content.length,
      ...(asset.policy !== undefined && { 'content-security-policy': asset.policy }),
      // the names of assets have their hash
      'cache-control': isFile ? 'public, max-age=31536000, immutable' : 'no-store'
    })
    .end(method === 'HEAD' ? undefined : asset.content)
}

const answerCall = async (
  request: IncomingMessage,
  response: ServerResponse,
  { path, query }: { path: string; query: string },
  { api, told }: HandlerParts
): Promise<void> => {
  const [name, call] = callAt(path) ?? []
  if (name === undefined || call === undefined) throw refusal('not-found')
  if (call.method !== request.method) throw refusal('wrong-method')
  const given = await argumentOf(request, name, call, path, query)
  const answer = await (api[name] as (given: unknown) => Promise<unknown>)(given).catch((error) => {
    throw new Refused(toldProblem(error, { told }))
  })
  const isDelivered = await sendJson(response, 200, answer)
  // a code that nobody has is good for nothing
  if (name === 'codeCreate' && !isDelivered) await api.codeRevoke({ id: (answer as CreatedCode).code.id })
}

const callAt = (path: string): Calls[number] | undefined =>
  table.find(([, call]) => (call.takes === 'reference' ? path.startsWith(call.path) : path === call.path))

/** Longest reference: the longest name of a Node. */
const longestReference = 253

const argumentOf = async (
  request: IncomingMessage,
  name: keyof ConsoleApi,
  { takes, path: begin }: Call,
  path: string,
  query: string
): Promise<unknown> => {
  if (takes === 'body') return requireShape(name, await readJson(request))
  if (takes === 'query') return requireShape(name, Object.fromEntries(new URLSearchParams(query)))
  if (takes !== 'reference') return undefined
  const reference = decoded(path.slice(begin.length))
  if (reference === undefined || reference === '' || reference.length > longestReference) throw refusal('not-found')
  return reference
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Sends JSON that no parser of HTML takes for anything else. Resolves to whether all of it went out. */
const sendJson = async (response: ServerResponse, status: number, answer: unknown): Promise<boolean> => {
  // the browser has gone away meanwhile: no event would come any more
  if (response.destroyed) return false
  const text = JSON.stringify(answer ?? null).replace(/</g, '\\u003c')
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
  return new Promise((resolve) => {
    response.once('finish', () => resolve(true)).once('close', () => resolve(false))
    response.end(text)
  })
}

/**
 * Sends a refusal, and closes the connection: what the request still has to say is not read. A person who has opened an address gets
 * its words, and a program the problem.
 */
const sendRefusal = async (response: ServerResponse, problem: Problem, isForPerson: boolean): Promise<void> => {
  response.setHeader('connection', 'close')
  if (!isForPerson) return void (await sendJson(response, problem.status, problem))
  const { title, detail, remedy } = problem
  response
    .writeHead(problem.status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end([title, detail, remedy && `to do: ${remedy}`, ''].filter((line) => line !== undefined).join('\n'))
}

/** Largest body in bytes. The largest that the page sends is a code with labels and taints. */
const bodyLimit = 64 * 1024

/** The JSON that a request sends. Throws `too-large` before it has read more than the limit, and `invalid-request`. */
const readJson = async (request: IncomingMessage): Promise<unknown> => {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw refusal('too-large')
  const chunks: Buffer[] = []
  let size = 0
  // the connection must live on for the refusal
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > bodyLimit) throw refusal('too-large')
    chunks.push(chunk as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw refusal('invalid-request', { detail: 'the body is not JSON' })
  }
}
