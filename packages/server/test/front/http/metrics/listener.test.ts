import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { eventually } from '@joinery/testing/clocks/eventually'
import { initServer } from '@joinery/testing/pairing/init-server'
import { ExtendedKeyUsage } from '@peculiar/x509'
import t, { type Test } from 'tap'
import { budgets } from '../../../../src/core/base/budgets.ts'
import { makeLog } from '../../../../src/core/base/log.ts'
import type { ScrapeStatus } from '../../../../src/core/ports/scraping.ts'
import { metricsListener } from '../../../../src/front/http/metrics/listener.ts'
import { keepTls, metricsTls } from '../../../../src/front/http/metrics/tls.ts'
import { tokenJudge } from '../../../../src/front/http/metrics/token.ts'
import { clientAuthority } from './client-authority.ts'

const token = randomBytes(32).toString('hex')
const folder = t.testdir({ token: `${token}\n` })
const tokenFile = join(folder, 'token')
const state = join(folder, 'state')
const made = (async () => {
  await mkdir(state)
  await initServer({ stateDirectory: state, configFile: join(folder, 'server.yaml') })
})()

interface Opened {
  clientCa?: string
  withToken?: boolean
  budget?: Partial<typeof budgets.metrics>
  scrape?: () => Promise<{ type: string; text: string }>
}

// a busy host may need as long for a handshake as the listener gives it
const patient = { handshake: 100_000, headersTimeout: 100_000, idle: 100_000 }

/** A listener whose scrapes and answers are counted. */
const open = async (t: Test, { clientCa, withToken = true, budget = {}, scrape }: Opened = {}) => {
  await made
  let now = 0
  let scrapes = 0
  const statuses: ScrapeStatus[] = []
  const lines: string[] = []
  const log = makeLog({ write: (line) => void lines.push(line) })
  const monotonic = () => now
  const files = clientCa === undefined ? {} : { clientCa }
  const tls = await metricsTls(state, files)
  const server = metricsListener({
    tls,
    hasToken: withToken ? await tokenJudge(tokenFile, log, monotonic) : undefined,
    scrape: async () => {
      scrapes += 1
      return scrape?.() ?? { type: 'text/plain', text: 'joinery_build_info 1\n' }
    },
    answered: (status) => void statuses.push(status),
    budget: { ...budgets.metrics, ...patient, ...budget },
    monotonic,
    log
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const options = { host: '127.0.0.1', port, ca: tls.cert, servername: 'joinery-server' }
  const ask = (
    path = '/metrics',
    headers: Record<string, string> = { authorization: `Bearer ${token}` },
    more: { method?: string; body?: string; cert?: string; key?: string } = {}
  ): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> =>
    new Promise((resolve, reject) => {
      const { body, ...others } = more
      const sent = request({ ...options, ...others, path, headers, agent: false }, async (answer) => {
        const text = (await answer.setEncoding('utf8').toArray()).join('')
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    server,
    tls,
    log,
    lines,
    statuses,
    ask,
    options,
    scrapes: () => scrapes,
    pass: (milliseconds: number) => {
      now += milliseconds
    }
  }
}

t.test('with the token, a scrape is given', async (t) => {
  const { ask, statuses } = await open(t)
  const { status, headers, text } = await ask()
  t.equal(status, 200)
  t.equal(text, 'joinery_build_info 1\n')
  t.match(headers, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  t.equal((await ask('/metrics?name[]=up', { authorization: `bearer ${token}` })).status, 200)
  t.same(statuses, ['200', '200'])
})

t.test('without a credential nothing is rendered, whatever is asked for', async (t) => {
  const { ask, scrapes, lines, pass } = await open(t)
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${token.slice(1)}`,
    `Bearer ${token}0`,
    `Bearer ${token} ${token}`,
    `Basic ${Buffer.from(`:${token}`).toString('base64')}`,
    token,
    `Bearer ${'0'.repeat(64)}`,
    `Bearer ${'a'.repeat(4000)}`
  ]) {
    for (const path of ['/metrics', '/', '/../metrics', `/metrics?token=${token}`]) {
      pass(1_000)
      const { status, headers, text } = await ask(path, { authorization })
      t.equal(status, 401, `${authorization} ${path}`)
      t.match(headers, { 'www-authenticate': 'Bearer realm="metrics"', connection: 'close' })
      t.equal(text, '')
    }
  }
  t.equal((await ask('/metrics', {})).status, 401)
  t.equal(scrapes(), 0)
  t.same(lines, [], 'and nobody fills the log')
})

t.test('there is nothing else, and no body is taken', async (t) => {
  const { ask, scrapes } = await open(t)
  for (const path of ['/', '/metrics/', '/metric', '/v1/enrolments', '/livez', '/%6detrics']) {
    t.equal((await ask(path)).status, 404, path)
  }
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask('/metrics', undefined, { method })
    t.match({ status, headers }, { status: 405, headers: { allow: 'GET' } }, method)
  }
  const authorization = `Bearer ${token}`
  for (const header of [{ 'content-length': '1' }, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
    const { status } = await ask('/metrics', { authorization, ...header }, { method: 'GET', body: 'a' })
    t.equal(status, 400, Object.keys(header).join())
  }
  t.equal(scrapes(), 0)
})

t.test('a fault of the server is 500 without a word, and is logged', async (t) => {
  const { ask, lines } = await open(t, { scrape: async () => Promise.reject(new Error('secret')) })
  const { status, text } = await ask()
  t.equal(status, 500)
  t.equal(text, '')
  t.match(lines.join(''), 'the metrics cannot be given')
})

t.test('the token is nowhere in the log, and a new one counts soon', async (t) => {
  const { ask, lines, pass } = await open(t)
  const another = randomBytes(32).toString('hex')
  t.teardown(() => writeFile(tokenFile, token))
  await ask()
  await writeFile(tokenFile, another)
  pass(10_001)
  t.equal((await ask()).status, 401)
  t.equal((await ask('/metrics', { authorization: `Bearer ${another}` })).status, 200)
  await writeFile(tokenFile, 'short')
  pass(10_001)
  t.equal((await ask('/metrics', { authorization: 'Bearer short' })).status, 401, 'a file that is wrong lets nobody in')
  t.match(lines.join(''), 'the token for metrics cannot be read')
  for (const secret of [token, another, 'Bearer']) t.notMatch(lines.join(''), secret)
})

t.test('a token that can be guessed, or cannot be read, is refused at the start', async (t) => {
  const log = makeLog({ write: () => {} })
  const judge = async (text: string | undefined) => {
    const file = join(t.testdir({}), 'token')
    if (text !== undefined) await writeFile(file, text)
    return tokenJudge(file, log, () => 0)
  }
  for (const text of [
    '',
    'a'.repeat(31),
    `${'a'.repeat(32)}\n${'b'.repeat(32)}`,
    `${'a'.repeat(32)}\u00e9`,
    undefined
  ]) {
    await t.rejects(
      judge(text),
      { message: /^metrics\.tokenFile: /, remedy: /openssl rand -hex 32/ },
      text ?? 'no file'
    )
  }
  t.equal(await (await judge('a'.repeat(32)))(`Bearer ${'a'.repeat(32)}`), true)
})

t.test('a client certificate lets in by itself, if its CA is that of the clients', async (t) => {
  const authority = await clientAuthority()
  const clientCa = join(t.testdir({ 'clients.crt': authority.certificate }), 'clients.crt')
  const { ask, scrapes } = await open(t, { clientCa })
  t.equal((await ask('/metrics', {}, await authority.client())).status, 200)
  t.equal((await ask()).status, 200, 'and so does the token')
  t.equal(scrapes(), 2)
  const stranger = await clientAuthority()
  const refused: [string, { cert: string; key: string } | object][] = [
    ['none', {}],
    ['of another CA', await stranger.client()],
    ['of a server', await authority.client(ExtendedKeyUsage.serverAuth)],
    ['over', await authority.client(ExtendedKeyUsage.clientAuth, -1)]
  ]
  for (const [which, pair] of refused) t.equal((await ask('/metrics', {}, pair)).status, 401, which)
  const { ask: askWithoutToken } = await open(t, { clientCa, withToken: false })
  t.equal((await askWithoutToken()).status, 401, 'a token that nobody gave')
  const { ask: askWithoutCa } = await open(t)
  t.equal((await askWithoutCa('/metrics', {}, await authority.client())).status, 401, 'without clientCa')
})

t.test('a CA that is taken away lets nobody in, nor a session that began before', async (t) => {
  const [first, second] = [await clientAuthority(), await clientAuthority()]
  const clientCa = join(t.testdir({ 'clients.crt': first.certificate }), 'clients.crt')
  const { server, tls, log, options, ask } = await open(t, { clientCa, withToken: false })
  const pair = await first.client()
  const session = await new Promise<Buffer>((resolve) => {
    const socket = connect({ ...options, ...pair })
    socket.once('session', (ticket) => {
      resolve(ticket)
      socket.destroy()
    })
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
  })
  const timers = { setInterval: () => ({ unref: () => {} }), clearInterval: () => {} }
  const kept = keepTls({ server, tls, read: () => metricsTls(state, { clientCa }), log, timers })
  t.equal(await statusOf(connect({ ...options, session })), '200', 'a session goes on')
  await writeFile(clientCa, second.certificate)
  await kept.look()
  t.equal(await statusOf(connect({ ...options, session })), '401')
  t.equal((await ask('/metrics', {}, pair)).status, 401)
  t.equal((await ask('/metrics', {}, await second.client())).status, 200)
  await writeFile(clientCa, 'nonsense')
  await kept.look()
  t.equal((await ask('/metrics', {}, await second.client())).status, 200, 'files that cannot be used change nothing')
})

t.test('connections of one address have a bound, and a flood of them is cut before TLS', async (t) => {
  const { options, ask, pass, statuses } = await open(t, {
    budget: { newConnectionsOfAddress: { each: 200, burst: 12 }, connectionsOfAddress: 4 }
  })
  const sockets = Array.from({ length: 30 }, () => {
    const socket = connectPlain(options.port, options.host)
    t.teardown(() => socket.destroy())
    return socket.on('error', () => {})
  })
  const cut = () => sockets.filter(({ closed }) => closed).length
  await eventually('most of them are cut', async () => cut() >= 26)
  const last = connectPlain(options.port, options.host).on('error', () => {})
  await eventually('one that comes after them is cut', () => last.closed)
  t.equal(cut(), 26, 'and no more')
  for (const socket of sockets) socket.destroy()
  const refusedNow = await ask().catch(({ code }) => code)
  t.equal(refusedNow, 'ECONNRESET', 'the budget of new connections is spent')
  pass(200)
  t.equal((await ask()).status, 200, 'and comes back')
  t.same(statuses, ['200'])
})

t.test('if all places are taken, the oldest connection goes', async (t) => {
  const { options, ask } = await open(t, { budget: { connections: 3, connectionsOfAddress: 10 } })
  const silent = Array.from({ length: 3 }, () => connectPlain(options.port, options.host))
  t.teardown(() => {
    for (const socket of silent) socket.destroy()
  })
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  const closed = once(silent[0] as (typeof silent)[number], 'close')
  t.equal((await ask()).status, 200)
  await closed
  t.notOk(silent[2]?.closed)
})

t.test('who says nothing, or little at a time, or reads nothing, is cut', async (t) => {
  // more than the system keeps between two of its processes: 10 MB, by the limits of tcp_wmem and tcp_rmem
  const large = `${'a'.repeat(1023)}\n`.repeat(32_768)
  // each before a server of its own, so that nothing else of the test is bound by so little time
  const silence = await open(t, { budget: { handshake: 300 } })
  const silent = connectPlain(silence.options.port, silence.options.host)
  await eventually('the silent one is cut', async () => silent.closed || undefined)
  const slowness = await open(t, { budget: { headersTimeout: 300 } })
  const slow = connect(slowness.options)
  slow.on('error', () => {})
  await once(slow, 'secureConnect')
  slow.write('GET /metrics HTTP/1.1\r\nHost: a\r\n')
  slow.resume()
  await eventually('the slow one is cut', async () => slow.closed || undefined)
  const { server, options } = await open(t, {
    budget: { idle: 400 },
    scrape: async () => ({ type: 'text/plain', text: large })
  })
  const accepted = once(server, 'secureConnection')
  const deaf = connect(options)
  deaf.on('error', () => {})
  await once(deaf, 'secureConnect')
  deaf.pause()
  deaf.write(`GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  const [itsEnd] = await accepted
  await eventually('the server has cut it', () => itsEnd.closed)
  let got = 0
  deaf.on('data', (data) => {
    got += data.length
  })
  deaf.resume()
  await eventually('the deaf one is cut', async () => deaf.closed || undefined)
  t.ok(got < large.length, `it got ${got} of ${large.length} bytes`)
})

t.test('headers have a bound', async (t) => {
  const { ask, scrapes } = await open(t)
  const { status } = await ask('/metrics', { authorization: `Bearer ${token}`, filler: 'a'.repeat(9000) })
  t.equal(status, 431)
  t.equal(scrapes(), 0)
})

/** Status of a scrape over this connection, without a token. */
const statusOf = async (socket: TLSSocket): Promise<string | undefined> => {
  socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return /^HTTP\/1.1 (\d+)/.exec(data.toString())?.[1]
}
