import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Assets } from '../assets.ts'
import { requireShape } from '../bodies.ts'
import { type Call, type ConsoleApi, type CreatedCode, calls, changesPath } from '../contract.ts'
import type { Entrance } from '../guard/entrance.ts'
import { cookieName, guardingHeaders, judgeRequest, readCookie } from '../guard/judge-request.ts'
import { problemFrom, Refused, refusal, toldProblem } from '../problem.ts'
import { sendJson, sendRefusal } from './answer.ts'
import { readJson } from './body.ts'
import type { Streams } from './streams.ts'

export interface HandlerParts {
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
