import type { agentRoutes, operatorRoutes, Routes } from '@joinery/protocol'
import Fastify, { type RouteShorthandOptions } from 'fastify'
import t from 'tap'
import Type from 'typebox'
import { answerProblems } from '../../../../src/front/http/problems-plugin.ts'
import { type Handlers, type ResultOf, register } from '../../../../src/front/http/routes/register.ts'
import { schemaCompilers } from '../../../../src/front/http/schema-compilers.ts'

const Note = Type.Object({ text: Type.String({ maxLength: 10 }) })
const routes = {
  write: {
    method: 'PUT',
    path: '/notes/:reference',
    summary: 'Write a note',
    params: Type.Object({ reference: Type.String() }),
    query: Type.Object({ loud: Type.Optional(Type.String()) }, { additionalProperties: false }),
    body: Note,
    bodyLimit: 100,
    response: { 201: Note }
  },
  read: {
    method: 'GET',
    path: '/notes',
    summary: 'Read the last note',
    response: { 200: Note, 204: Type.Null() }
  }
} as const satisfies Routes

const nothing: Handlers<typeof routes> = {
  write: () => ({ text: '' }),
  read: () => ({ status: 204, body: null })
}

const open = (handlers: Partial<Handlers<typeof routes>>) => {
  const app = Fastify(schemaCompilers)
  answerProblems(app)
  const read: RouteShorthandOptions = { onRequest: async (_, reply) => void reply.header('x-first', 'yes') }
  register(app, routes, { ...nothing, ...handlers }, { read })
  return app
}

t.test('a handler gets the parts of the route, and its result is the one response of the route', async (t) => {
  const app = open({
    write: ({ params, query, body }) => ({ text: `${params.reference} ${body.text}${query.loud ?? ''}` })
  })
  const answer = await app.inject({ method: 'PUT', url: '/notes/a?loud=!', payload: { text: 'b' } })
  t.equal(answer.statusCode, 201)
  t.same(answer.json(), { text: 'a b!' })
})

t.test('the handler of a route with several responses says which', async (t) => {
  for (const [news, statusCode, body] of [
    [true, 200, '{"text":"new"}'],
    [false, 204, '']
  ] as const) {
    const app = open({
      read: async () => (news ? { status: 200, body: { text: 'new' } } : { status: 204, body: null, retryAfter: 7 })
    })
    const answer = await app.inject('/notes')
    t.equal(answer.statusCode, statusCode)
    t.equal(answer.body, body)
    t.equal(answer.headers['retry-after'], news ? undefined : '7')
    t.equal(answer.headers['x-first'], 'yes', 'the options of the route hold')
  }
})

t.test('a request that does not fit its route reaches no handler', async (t) => {
  const app = open({ write: () => t.fail('it came') as never })
  for (const [what, url, payload, statusCode] of [
    ['the body', '/notes/a', { text: 'x'.repeat(11) }, 400],
    ['the query', '/notes/a?soft=1', { text: 'x' }, 400],
    ['the length', '/notes/a', { text: 'x'.repeat(200) }, 413]
  ] as const) {
    t.equal((await app.inject({ method: 'PUT', url, payload })).statusCode, statusCode, what)
  }
})

t.test('an error of a handler becomes a problem', async (t) => {
  const app = open({
    read: () => {
      throw new Error('not for others')
    }
  })
  const answer = await app.inject('/notes')
  t.equal(answer.statusCode, 500)
  t.notMatch(answer.body, 'not for others')
})

/** True if `One` may stand where `Other` is asked for. */
type Fits<One, Other> = One extends Other ? true : false

t.test('a route without a handler, and a result of another route, do not compile', async (t) => {
  const lacks: Fits<Omit<Handlers<typeof operatorRoutes>, 'remove'>, Handlers<typeof operatorRoutes>> = false
  const other: Fits<{ pods: string }, ResultOf<typeof operatorRoutes.holder>> = false
  const status: Fits<{ status: 404; body: null }, ResultOf<typeof agentRoutes.wait>> = false
  const right: Fits<{ status: 204; body: null }, ResultOf<typeof agentRoutes.wait>> = true
  t.same([lacks, other, status, right], [false, false, false, true])
})
