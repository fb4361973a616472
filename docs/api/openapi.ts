import { operatorHeader, operatorNamePattern, Problem, problems, type Route, type Routes } from '@joinery/protocol'
import { schemaNames } from './schema-names.ts'

/** What is said of an API beside its routes. */
export interface Api {
  title: string
  description: string
  server: { url: string; description: string }
  /** How callers are known, in words of OpenAPI as far as it has any. */
  security: { name: string; scheme: object } | undefined
  /** The server drops fields that it does not know, since a newer caller may have them. */
  dropsUnknownFields: boolean
  /** The calls that change something take the operator's name. */
  namesOperators: boolean
}

type ToSchema = (schema: object) => object

/** An API as an OpenAPI 3.1 document, whose schemas are those of `@joinery/protocol` as they are. */
export const openApi = (routes: Routes, api: Api): object => {
  const { named, components } = schemaNames({ open: api.dropsUnknownFields })
  const paths: Record<string, Record<string, object>> = {}
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, api, named) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: 'v1',
      description: api.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
    },
    servers: [api.server],
    security: api.security === undefined ? [] : [{ [api.security.name]: [] }],
    paths,
    components: {
      ...(api.security && { securitySchemes: { [api.security.name]: api.security.scheme } }),
      responses: {
        Refused: problemResponse('The call is refused; `code` says why, and `remedy` what to do.'),
        Failed: problemResponse('The server or its cluster failed; `code` says which. Nothing of the fault is told.')
      },
      schemas: { ...components(), Problem: { ...Problem, description: problemsText() } }
    }
  }
}

const operation = (name: string, route: Route, api: Api, schema: ToSchema): object => {
  const { method, summary, params, query, body, media = 'application/json', response } = route
  const parameters = [
    ...parametersIn('path', params, schema),
    ...parametersIn('query', query, schema),
    ...(api.namesOperators && method !== 'GET' ? [operatorParameter] : [])
  ]
  return {
    operationId: name,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: !allowsNull(body), content: { 'application/json': { schema: schema(body) } } }
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(response).map(([status, one]) => [
          status,
          allowsNull(one)
            ? { description: 'Nothing to say' }
            : { description: statusWords[status], content: { [media]: { schema: schema(one) } } }
        ])
      ),
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Failed' }
    }
  }
}

const statusWords: Record<string, string> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted: it is durable, and the cluster confirms it later'
}

const operatorParameter = {
  name: operatorHeader,
  in: 'header',
  required: false,
  description: 'Who calls, by their own word, for the timeline: `alice (uid 1000)`. Absent: the timeline names nobody.',
  schema: { type: 'string', pattern: operatorNamePattern.source }
}

const parametersIn = (place: 'path' | 'query', group: object | undefined, schema: ToSchema): object[] => {
  const { properties = {}, required = [] } = (group ?? {}) as { properties?: object; required?: string[] }
  return Object.entries(properties).map(([name, one]: [string, { description?: string }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(one.description !== undefined && { description: one.description }),
    schema: schema(one)
  }))
}

const allowsNull = (one: object): boolean => {
  const { type, anyOf = [] } = one as { type?: string; anyOf?: object[] }
  return type === 'null' || anyOf.some(allowsNull)
}

const problemResponse = (description: string): object => ({
  description,
  headers: {
    'retry-after': { description: 'Seconds for which the caller is asked to wait', schema: { type: 'integer' } }
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
})

const problemsText = (): string =>
  [
    'RFC 9457. Decide by `code`, never by text; a newer server may answer codes that are not listed here.',
    '',
    '| code | status | meaning | try again |',
    '|---|---|---|---|',
    ...Object.entries(problems).map(
      ([code, { status, title, retry }]) => `| \`${code}\` | ${status} | ${title} | ${retryWords[retry]} |`
    )
  ].join('\n')

const retryWords = { later: 'later', person: 'after a person acted', never: 'no: the request is wrong' } as const
