import type { Static, TSchema } from 'typebox'

/**
 * One call of an API, said once: the server registers it, clients call it, and `docs/reference` describes it. The name of a
 * route in its table is the name of its handler and of the client's method.
 */
export interface Route {
  method: 'GET' | 'POST' | 'PUT'
  /** Contains `:reference` if the route has `params`, and no other parameter. */
  path: string
  /** Short description of the call, in one line for the API's reference. */
  summary: string
  params?: TSchema
  query?: TSchema
  /** A body that may be `null` may be absent. */
  body?: TSchema
  /**
   * Fields of the body that came after version 1 of the agents' API, each with its version: `facts.hostname`, or `preflight[].name` of
   * each item. An agent leaves out what the server does not know, so a server must be able to do without it.
   */
  since?: Readonly<Record<string, number>>
  /** Largest body in bytes, if it is not the listener's own limit. */
  bodyLimit?: number
  /** Media type of the answer, if it is not JSON. */
  media?: string
  /** A schema for each status of success; every other answer is a `Problem`. */
  response: Readonly<Record<number, TSchema>>
}
export type Routes = Readonly<Record<string, Route>>

/** The parts that one call sends. */
export interface Sent {
  reference?: string
  body?: unknown
  query?: Record<string, string>
}

/** The content that a call answers with, whichever its status. Undefined for an answer without content. */
export type AnswerOf<R extends Route> = Content<Static<R['response'][keyof R['response'] & number]>>
type Content<T> = T extends null ? undefined : T

/** A method for each route: it takes the reference, the body and the query, as far as the route has them. */
export type ClientOf<T extends Routes> = {
  readonly [Name in keyof T]: (...given: Arguments<T[Name]>) => Promise<AnswerOf<T[Name]>>
}

type Arguments<R extends Route> = [
  ...(R extends { params: TSchema } ? [reference: string] : []),
  ...(R extends { body: infer Body extends TSchema } ? BodyArgument<Static<Body>> : []),
  ...(R extends { query: infer Query extends TSchema } ? [query?: Static<Query>] : [])
]
type BodyArgument<Body> = null extends Body ? [body?: Exclude<Body, null>] : [body: Body]

/** The client of an API. `send` makes one call: it connects, judges the answer, and throws if the answer is no success. */
export const clientOf = <T extends Routes>(
  routes: T,
  send: (route: Route, sent: Sent) => Promise<unknown>
): ClientOf<T> => {
  const methods: object = Object.fromEntries(
    Object.entries(routes).map(([name, route]) => [name, (...given: unknown[]) => send(route, sentBy(route, given))])
  )
  return methods as ClientOf<T>
}

const sentBy = (route: Route, given: unknown[]): Sent => {
  const parts = (['params', 'body', 'query'] as const).filter((part) => route[part] !== undefined)
  const sent = parts.map((part, at) => [part === 'params' ? 'reference' : part, given[at]] as const)
  return Object.fromEntries(sent.filter(([, value]) => value !== undefined))
}

/** The path of a call. */
export const pathOf = ({ path }: Pick<Route, 'path'>, reference = ''): string =>
  path.replace(':reference', encodeURIComponent(reference))
