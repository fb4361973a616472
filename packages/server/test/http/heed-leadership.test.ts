import Fastify from 'fastify'
import t from 'tap'
import { heedLeadership, nameServers } from '../../src/http/heed-leadership.ts'
import { answerProblems } from '../../src/http/problems-plugin.ts'
import { notActive } from '../../src/leadership/leadership.ts'

/** An API whose handlers can lose the leadership while they work. */
const open = async () => {
  const state = { holds: true, worked: 0, servers: ['https://a:7443'], said: [] as string[] }
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => void state.said.push(line) } } })
  nameServers(app, { urls: () => state.servers })
  heedLeadership(app, {
    holds: () => state.holds,
    left: () => 0,
    require: () => {
      if (!state.holds) throw notActive()
    }
  })
  answerProblems(app)
  app.post<{ Querystring: { lose?: string } }>('/v1/claim', async ({ query }) => {
    state.worked += 1
    if (query.lose !== undefined) state.holds = false
    return { token: 'abcdef.0123456789abcdef' }
  })
  app.get('/v1/nothing', async (_, reply) => {
    state.holds = false
    return reply.code(204).send()
  })
  app.get('/livez', async () => 'ok')
  return { app, state }
}

t.test('a call to a server that is not active is refused before anything is done', async (t) => {
  const { app, state } = await open()
  state.holds = false
  const { statusCode, headers, body } = await app.inject({ method: 'POST', url: '/v1/claim' })
  t.equal(statusCode, 503)
  t.match(JSON.parse(body), { code: 'not-active', status: 503 })
  t.equal(headers['retry-after'], '2')
  t.equal(state.worked, 0)
  t.same(state.said, [], 'it is no fault, and whoever asks again and again does not fill the log')
  t.equal((await app.inject('/livez')).body, 'ok', 'health is no part of the API')
})

t.test('an answer with a credential is not sent if the server has lost the Lease meanwhile', async (t) => {
  const { app, state } = await open()
  t.match(await app.inject({ method: 'POST', url: '/v1/claim' }), { statusCode: 200, body: /abcdef/ })
  const { statusCode, headers, body } = await app.inject({ method: 'POST', url: '/v1/claim?lose=1' })
  t.equal(state.worked, 2)
  t.equal(statusCode, 503)
  t.equal(headers['content-type'], 'application/problem+json')
  t.equal(headers['content-length'], String(Buffer.byteLength(body)))
  t.equal(headers['retry-after'], '2')
  t.match(JSON.parse(body), { code: 'not-active' })
  t.notMatch(body, /abcdef/)
})

t.test('an answer that says nothing may be sent', async (t) => {
  const { app } = await open()
  t.match(await app.inject('/v1/nothing'), { statusCode: 204, body: '' })
})

t.test('each answer names the servers, if there are several', async (t) => {
  const { app, state } = await open()
  t.notOk('joinery-servers' in (await app.inject('/v1/none')).headers)
  state.servers = ['https://a:7443', 'https://b:7443']
  for (const url of ['/v1/none', '/livez']) {
    t.equal((await app.inject(url)).headers['joinery-servers'], 'https://a:7443 https://b:7443', url)
  }
})
