import { Readable } from 'node:stream'
import type { List, Route, Routes } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Static, TArray, TObject, TSchema } from 'typebox'
import type { PagePart } from '../../../core/ports/store/list-page.ts'

/** A request whose parameters, query and body fit the schemas of its route. */
export type RequestOf<R extends Route> = FastifyRequest<{
  Params: R extends { params: infer Params extends TSchema } ? Static<Params> : unknown
  Querystring: R extends { query: infer Query extends TSchema } ? Static<Query> : unknown
  Body: R extends { body: infer Body extends TSchema } ? Static<Body> : unknown
}>

/**
 * Result of a handler: the body of the only response, which may be a list part by part, or, if the route has several, a status with the
 * body.
 */
export type ResultOf<R extends Route, Status = keyof R['response'] & number> = [Status] extends [OneOf<Status>]
  ? Static<R['response'][Status & number]> | PartsOf<Static<R['response'][Status & number]>>
  : AnswerWith<R, Status>
type OneOf<Status, All = Status> = Status extends unknown ? ([All] extends [Status] ? Status : never) : never
type AnswerWith<R extends Route, Status> = Status extends keyof R['response'] & number
  ? Answer<Status, Static<R['response'][Status]>>
  : never

type PartsOf<Body> = Body extends List<infer Item> ? AsyncIterable<PagePart<Item>> : never

interface Answer<Status, Body> {
  status: Status
  body: Body
  /** Seconds that the caller should wait (Retry-After). */
  retryAfter?: number
}

/** Handlers for all routes of a table. */
export type Handlers<T extends Routes> = {
  readonly [Name in keyof T]: (request: RequestOf<T[Name]>) => ResultOf<T[Name]> | Promise<ResultOf<T[Name]>>
}

/** Options of the framework for some routes of a table. */
export type RouteOptions<T extends Routes> = { readonly [Name in keyof T]?: RouteShorthandOptions }

/** Registers every route of a table. A request that does not fit its schemas reaches no handler. */
export const register = <T extends Routes>(
  app: FastifyInstance,
  routes: T,
  handlers: Handlers<T>,
  options: RouteOptions<T> = {}
): void => {
  for (const [name, route] of Object.entries(routes)) {
    const { method, path, params, query, body, bodyLimit, response } = route
    const handle = handlers[name] as (request: FastifyRequest) => unknown
    const answerOf = answersOf(route)
    app.route({
      ...options[name],
      method,
      url: path,
      schema: {
        ...given({ params, querystring: query, body }),
        response
      },
      ...given({ bodyLimit }),
      handler: async (request, reply) => {
        const { status, body, retryAfter } = answerOf(await handle(request))
        if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
        if (!isInParts(body)) return reply.code(status).send(body)
        const { items } = (response[status] as TObject<{ items: TArray<TSchema & Item> }>).properties
        const text = listText(body, reply.compileSerializationSchema(items.items))
        // a part is read when the one before it is gone: a slow reader takes no memory
        return reply
          .code(status)
          .type('application/json; charset=utf-8')
          .send(Readable.from(text, { objectMode: false }))
      }
    })
  }
}

type Item = Record<string, unknown>

const isInParts = (body: unknown): body is AsyncIterable<PagePart<Item>> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body

/** The text of a list, as the whole of it would be. */
async function* listText(parts: AsyncIterable<PagePart<Item>>, textOf: (item: Item) => string): AsyncGenerator<string> {
  let before = '{"items":['
  let end = ']}'
  for await (const { items, next } of parts) {
    if (items.length > 0) {
      yield before + items.map(textOf).join(',')
      before = ','
    }
    if (next !== undefined) end = `],"metadata":${JSON.stringify({ continue: next })}}`
  }
  yield before === ',' ? end : before + end
}

/** Reads a handler's result at run time, as `ResultOf` types it. */
const answersOf = ({ response }: Route): ((result: unknown) => Answer<number, unknown>) => {
  const [status, another] = Object.keys(response).map(Number)
  if (status === undefined || another !== undefined) return (result) => result as Answer<number, unknown>
  return (body) => ({ status, body })
}
