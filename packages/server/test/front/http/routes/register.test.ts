import type { Socket } from 'node:net'
import { type agentRoutes, type operatorRoutes, ProblemError, type Routes } from '@joinery/protocol'
import Fastify, { type RouteShorthandOptions } from 'fastify'
import t, { type Test } from 'tap'
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

const notes = {
  list: {
    method: 'GET',
    path: '/notes',
    summary: 'List the notes',
    response: {
      200: Type.Object({
        items: Type.Array(Note),
        metadata: Type.Optional(Type.Object({ continue: Type.String() }))
      })
    }
  }
} as const satisfies Routes

/** Serves a list over a connection, and gives the URL. */
const serveNotes = async (t: Test, list: Handlers<typeof notes>['list'], met: (peer: Socket) => void = () => {}) => {
  const app = Fastify({ ...schemaCompilers, forceCloseConnections: true })
  answerProblems(app)
  register(app, notes, { list })
  app.server.on('connection', met)
  t.teardown(() => app.close())
  return `${await app.listen({ port: 0 })}/notes`
}

t.test('a list in parts is answered as the whole list would be, without fields that no schema names', async (t) => {
  const secret = { text: 'c', secret: 'CANARY' }
  for (const [parts, body] of [
    [[{ items: [] }], '{"items":[]}'],
    [[{ items: [{ text: 'a' }] }], '{"items":[{"text":"a"}]}'],
    [[{ items: [] }, { items: [{ text: 'a' }, secret] }], '{"items":[{"text":"a"},{"text":"c"}]}'],
    [
      [{ items: [{ text: 'a' }] }, { items: [{ text: 'b' }], next: 'n' }],
      '{"items":[{"text":"a"},{"text":"b"}],"metadata":{"continue":"n"}}'
    ],
    [[{ items: [], next: 'n' }], '{"items":[],"metadata":{"continue":"n"}}']
  ] as const) {
    const url = await serveNotes(t, async function* () {
      for (const { items, ...next } of parts) yield { ...next, items: [...items] }
    })
    const answer = await fetch(url)
    t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
    t.equal(await answer.text(), body)
  }
})

t.test('an error before the first part is a problem, and one after it cuts the answer', async (t) => {
  const refused = { next: () => Promise.reject(new ProblemError('invalid-request')) }
  const url = await serveNotes(t, () => ({ [Symbol.asyncIterator]: () => refused }))
  const answer = await fetch(url)
  t.match(answer, { status: 400 })
  t.match(await answer.json(), { code: 'invalid-request' })
  const cut = await serveNotes(t, async function* () {
    yield { items: [{ text: 'a' }] }
    throw new ProblemError('store-damaged')
  })
  await t.rejects(
    fetch(cut).then((half) => half.text()),
    { name: 'TypeError' },
    'nobody takes a half of a list for all of it'
  )
})

t.test('a part is read when the one before it is gone, and none once the reader is gone', async (t) => {
  const part = { items: Array.from({ length: 10_000 }, () => ({ text: 'x'.repeat(10) })) }
  const size = JSON.stringify(part.items).length
  const waiting: number[] = []
  let socket: Socket | undefined
  const listOf = (count: number, ended = Promise.withResolvers<void>()) =>
    async function* () {
      try {
        for (let made = 0; made < count; made += 1) {
          waiting.push(socket?.writableLength ?? 0)
          yield part
        }
      } finally {
        ended.resolve()
      }
    }
  const whole = await serveNotes(t, listOf(200), (peer) => {
    socket = peer
  })
  t.ok((await (await fetch(whole)).text()).length > 199 * size)
  t.ok(Math.max(...waiting) < 3 * size, `${Math.max(...waiting)} bytes waited in memory`)

  const ended = Promise.withResolvers<void>()
  const endless = await serveNotes(t, listOf(Number.POSITIVE_INFINITY, ended))
  const { body } = await fetch(endless)
  await body?.cancel()
  await ended.promise
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
