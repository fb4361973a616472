import { type AddressInfo, connect } from 'node:net'
import { askAsWritten } from '@joinery/testing/requests/ask-as-written'
import { pathForms } from '@joinery/testing/requests/path-forms'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { notActive } from '../../../src/core/leadership/leadership.ts'
import { heedLeadership, nameServers } from '../../../src/front/http/heed-leadership.ts'
import { answerProblems } from '../../../src/front/http/problems-plugin.ts'

/** An API whose handlers can lose the leadership while they work. */
const open = async () => {
  const state = { holds: true, loses: false, worked: 0, servers: ['https://a:7443'], said: [] as string[] }
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
  app.post('/v1/claim', async () => {
    state.worked += 1
    state.holds = !state.loses
    return { token: 'abcdef.0123456789abcdef' }
  })
  app.get('/v1/nothing', async (_, reply) => {
    state.holds = false
    return reply.code(204).send()
  })
  app.get('/livez', async () => 'ok')
  app.get('/v1/statement', async () => 'signed')
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

const ask = (app: FastifyInstance, method: string, path: string): Promise<number> =>
  askAsWritten(connect((app.server.address() as AddressInfo).port, '127.0.0.1'), method, path)

t.test('B3: however the path is written, a server that is not active does nothing and gives nothing', async (t) => {
  const { app, state } = await open()
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const taken: string[] = []
  for (const path of pathForms('/v1/claim')) {
    Object.assign(state, { holds: true, loses: false })
    if ((await ask(app, 'POST', path)) === 200) taken.push(path)
    state.loses = true
    t.ok((await ask(app, 'POST', path)) >= 400, `${path}: lost meanwhile`)
    Object.assign(state, { holds: false, worked: 0 })
    t.ok((await ask(app, 'POST', path)) >= 400, path)
    t.equal(state.worked, 0, `${path}: nothing was done`)
  }
  t.match(taken, ['/v1/claim', '/%76%31/claim'], 'the router takes some of them')
  t.ok(taken.some((path) => path.startsWith('https://')))
})

t.test('the statement is answered by a server that is not active, by its route alone', async (t) => {
  const { app, state } = await open()
  state.holds = false
  t.equal((await app.inject('/v1/statement')).body, 'signed')
  t.equal((await app.inject('/v1/%73tatement')).body, 'signed')
  t.equal((await app.inject({ method: 'POST', url: '/v1/statement' })).statusCode, 503)
  t.equal((await app.inject('/v1/statement/../claim')).statusCode, 503)
  t.equal((await app.inject({ method: 'POST', url: '/v1/claim?/v1/statement' })).statusCode, 503)
})

t.test('an answer with a credential is not sent if the server has lost the Lease meanwhile', async (t) => {
  const { app, state } = await open()
  t.match(await app.inject({ method: 'POST', url: '/v1/claim' }), { statusCode: 200, body: /abcdef/ })
  state.loses = true
  const { statusCode, headers, body } = await app.inject({ method: 'POST', url: '/v1/claim' })
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
