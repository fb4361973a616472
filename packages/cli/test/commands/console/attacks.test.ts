import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { eventually, inTime } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { code, detail, enrolment, newCode, now } from '@joinery/testing/command/fixtures'
import { type Answers, runWith, serveOperators } from '@joinery/testing/command/operators'
import { askPort, openConsole, startConsole } from '@joinery/testing/console/open-console'
import { pathForms } from '@joinery/testing/requests/path-forms'
import t, { type Test } from 'tap'
import type { ConsoleApi } from '../../../src/console/contract.ts'
import { Entrance, linkLasts } from '../../../src/console/guard/entrance.ts'
import { consoleHandler } from '../../../src/console/http/handler.ts'
import { listenOnLoopback } from '../../../src/console/http/listen.ts'
import { Streams } from '../../../src/console/http/streams.ts'

const answers: Answers = {
  list: () => ({ items: [enrolment] }),
  show: () => detail,
  approve: () => ({ ...enrolment, state: 'approved' })
}
const approval = JSON.stringify({ id: enrolment.id, revision: enrolment.revision, key: enrolment.key })

const open = async (t: Test, more: Answers = {}) => {
  const { socket, calls } = await serveOperators(t, { ...answers, ...more })
  return { ...(await openConsole(t, ['--socket', socket])), socket, calls }
}

t.test('the page approves, and another page does not', async (t) => {
  const { ask, own, calls } = await open(t)
  const post = (headers: Record<string, string | undefined>) =>
    ask('/api/approve', { method: 'POST', body: approval, headers })
  const refused: [headers: Record<string, string | undefined>, status: number, code: string][] = [
    [{ origin: 'http://evil.example' }, 403, 'wrong-origin'],
    [{ origin: undefined }, 403, 'wrong-origin'],
    [{ origin: 'null' }, 403, 'wrong-origin'],
    [{ 'sec-fetch-site': 'cross-site' }, 403, 'wrong-origin'],
    [{ 'sec-fetch-site': 'same-site' }, 403, 'wrong-origin'],
    [{ host: 'evil.example' }, 421, 'wrong-host'],
    [{ host: `127.0.0.1:${own.split(':')[1]}` }, 421, 'wrong-host'],
    [{ 'content-type': 'text/plain' }, 415, 'wrong-type'],
    [{ cookie: undefined }, 401, 'not-signed-in'],
    [{ cookie: 'joinery=' }, 401, 'not-signed-in'],
    [{ cookie: `joinery=${'A'.repeat(43)}` }, 401, 'not-signed-in']
  ]
  for (const [headers, status, code] of refused) {
    const answer = await post(headers)
    t.equal(answer.status, status, JSON.stringify(headers))
    t.match(JSON.parse(answer.body), { code, status })
    t.equal(answer.headers['access-control-allow-origin'], undefined)
  }
  t.same(calls, [], 'the pairing server was not asked')
  t.equal((await post({})).status, 200)
  t.same(calls.map(({ route }) => route).slice(0, 2), ['show', 'approve'])
})

t.test('without a cookie there is the page and no data, and DNS rebinding gets neither', async (t) => {
  const { ask, cookie } = await open(t)
  const none = { cookie: undefined }
  for (const path of ['/api/session', '/api/list', '/api/show/e1', '/api/changes', '/api/nothing']) {
    t.match(await ask(path, { headers: none }), { status: 401, headers: { 'cache-control': 'no-store' } }, path)
  }
  t.match(await ask('/', { headers: none }), { status: 200, body: /^<!doctype html>/ })
  for (const path of ['/', '/assets/index-1a2b.js', '/api/session', '/api/changes']) {
    t.match(await ask(path, { headers: { host: 'evil.example:80', cookie } }), { status: 421 }, path)
  }
})

t.test('B3: however its path is written, a call wants the cookie and comes from the page', async (t) => {
  const { port, own, cookie, calls } = await open(t)
  const good = { host: own, origin: `http://${own}`, cookie, 'content-type': 'application/json' }
  for (const path of pathForms('/api/approve')) {
    for (const bad of [{ cookie: 'joinery=' }, { origin: 'http://evil.example' }]) {
      const asked = { method: 'POST', body: approval, headers: { ...good, ...bad } }
      t.not((await askPort(port, path, asked)).body.includes('"approved"'), true, path)
    }
  }
  t.same(calls, [], 'the pairing server was not asked')
})

t.test('the link is good once, and nobody else comes in by it', async (t) => {
  const { socket } = await serveOperators(t, answers)
  const { link, own, port } = await startConsole(t, ['--socket', socket])
  const path = new URL(link).pathname
  const headers = { host: own, accept: 'text/html' }
  t.match(await askPort(port, `${path}x`, { headers }), { status: 403 })
  t.match(await askPort(port, path, { headers: { host: 'evil.example' } }), { status: 421 })
  t.match(await askPort(port, path, { headers, method: 'HEAD' }), { status: 403 })
  const [one, other] = await Promise.all([askPort(port, path, { headers }), askPort(port, path, { headers })])
  t.same([one.status, other.status].sort(), [303, 403])
  const [entered, late] = one.status === 303 ? [one, other] : [other, one]
  t.match(entered.headers, {
    location: '/',
    'set-cookie': [/^joinery=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/],
    'referrer-policy': 'no-referrer'
  })
  t.match(late, {
    headers: { 'set-cookie': undefined },
    body: 'The link was used, or is too old\nto do: joinery console\n'
  })
  t.match(link, /^http:\/\/joinery-[0-9a-f]{16}\.localhost:\d+\/enter\/[\w-]{43}$/)
})

t.test('a cookie is worth nothing after the end, nor at the next console on the same port', async (t) => {
  const { end, port, own, cookie, socket } = await open(t)
  t.match(await end(), { exitCode: 0 })
  await t.rejects(askPort(port, '/api/session', { headers: { host: own, cookie } }), { code: 'ECONNREFUSED' })
  const next = await openConsole(t, ['--socket', socket])
  t.match(await next.ask('/api/session', { headers: { cookie } }), { status: 401 })
  t.not(next.own.split('.')[0], own.split('.')[0], 'its host is another one, to which a browser sends no cookie')
})

t.test('a path leads to no file but those of the page', async (t) => {
  const { ask } = await open(t)
  const paths = [
    '/assets/../../../../etc/passwd',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%2f..%2fetc%2fpasswd',
    '/assets/\\..\\..\\etc\\passwd',
    '/assets//etc/passwd',
    '/assets/index-1a2b.js/../../index.html',
    '/assets/',
    '/assets/index-1a2b.js%00'
  ]
  for (const path of paths) t.match(await ask(path), { status: 404, body: /not-found/ }, path)
  for (const path of ['/../../etc/passwd', '/etc/passwd', '/machines/worker-1.example']) {
    t.match(await ask(path), { status: 200, body: '<!doctype html><title>Joinery</title>' }, 'a view of the page')
  }
  t.match(await ask('/assets/index-1a2b.js'), {
    status: 200,
    headers: { 'content-type': /^text\/javascript/, 'cache-control': /immutable/ }
  })
})

t.test('each answer forbids frames, other origins, inline scripts and guessed types', async (t) => {
  const { ask } = await open(t)
  for (const path of ['/', '/assets/index-1a2b.js', '/api/list', '/api/nothing', '/enter/x']) {
    const { headers } = await ask(path)
    t.match(
      headers,
      {
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin'
      },
      path
    )
    if (!path.startsWith('/assets/')) t.equal(headers['cache-control'], 'no-store', path)
  }
})

t.test('an endless body is refused as it comes, and a large one before it comes', async (t) => {
  const { port, own, cookie, calls } = await open(t)
  const head = [
    'POST /api/approve HTTP/1.1',
    `Host: ${own}`,
    `Origin: http://${own}`,
    `Cookie: ${cookie}`,
    'Content-Type: application/json'
  ]
  const said = await Promise.all(
    [['Content-Length: 1000000000'], ['Transfer-Encoding: chunked']].map(async (more) => {
      const peer = connect(port, '127.0.0.1')
      // the console closes while we still write
      peer.on('error', () => {})
      peer.write(`${[...head, ...more].join('\r\n')}\r\n\r\n`)
      const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`
      for (let count = 0; count < 6; count += 1) peer.write(chunk)
      return text(peer)
    })
  )
  for (const answer of said) t.match(answer, /^HTTP\/1\.1 413 [\s\S]*too-large/)
  t.same(calls, [])
})

t.test('a request that never ends is cut off', async (t) => {
  const bounds = { headersTimeout: 60, requestTimeout: 120, connectionsCheckingInterval: 20 }
  const listening = await listenOnLoopback(
    () => (request, response) =>
      void text(request)
        .then(() => response.end())
        .catch(() => {}),
    0,
    bounds
  )
  t.teardown(() => listening.close())
  const slow = async (...parts: string[]) => {
    const peer = connect(listening.port, '127.0.0.1')
    peer.on('error', () => {})
    for (const part of parts) peer.write(part)
    return text(peer)
  }
  const said = await Promise.all([
    slow(),
    slow('GET / HTTP/1.1\r\nHost: x\r\n'),
    slow('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n', 'x')
  ])
  for (const answer of said) t.match(answer, /^(HTTP\/1\.1 408 |$)/)
})

t.test('there are eight streams at most, and a page that closes makes room', async (t) => {
  const { listen } = await open(t)
  const streams = await Promise.all(Array.from({ length: 8 }, listen))
  t.ok(streams.every(({ status }) => status === 200))
  t.equal((await listen()).status, 429)
  streams[0]?.close()
  await eventually('there is room for one', async () => {
    const { status, close } = await listen()
    if (status !== 200) close()
    return status === 200
  })
})

t.test('a stream is for the page alone', async (t) => {
  const { ask } = await open(t)
  for (const headers of [
    { cookie: undefined },
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'cross-site' }
  ]) {
    t.match(await ask('/api/changes', { headers }), { status: /^40[13]$/ })
  }
})

t.test('hostile text of a machine is JSON and nothing else', async (t) => {
  const hostile = '</script><script>alert(1)</script>\u001b[2J\u202e\n\ndata: {"type":"end"}\n\n'
  const machine = { ...enrolment, name: hostile, facts: { ...enrolment.facts, hostname: hostile } }
  const { ask, listen, client } = await open(t, { list: () => ({ items: [machine] }) })
  const answer = await ask('/api/list')
  t.match(answer.headers, { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' })
  t.notMatch(answer.body, /</, 'no parser of HTML finds a tag')
  t.equal((await client.list()).items[0]?.name, hostile, 'the page has it as it is, and shows it as text')
  const stream = await listen()
  t.match(await stream.next('look'), { type: 'look' }, 'a stream has only the events of the console')
})

t.test('a page hears why its console ends, in a stream that is whole', async (t) => {
  const { listen, end } = await open(t)
  const stream = await listen()
  await end()
  t.match(await stream.next('end'), { type: 'end', reason: 'its command was ended' })
  t.equal(await stream.complete, true)
})

t.test('what is no call, or has another shape, is refused', async (t) => {
  const { ask, calls } = await open(t)
  const post = (path: string, body: unknown) =>
    ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  const shown = JSON.parse(approval)
  const bad: [path: string, body: unknown][] = [
    ['/api/approve', 'no JSON'],
    ['/api/approve', null],
    ['/api/approve', []],
    ['/api/approve', { ...shown, revision: '3' }],
    ['/api/approve', { ...shown, id: '' }],
    ['/api/approve', { ...shown, id: 'x'.repeat(254) }],
    ['/api/approve', { ...shown, key: 'sha256:x' }],
    ['/api/approve', { ...shown, more: 1 }],
    ['/api/approve', `{"__proto__":{"a":1},${approval.slice(1)}`],
    ['/api/reject', { ...shown, reason: '' }],
    ['/api/reject', { ...shown, reason: 'x'.repeat(513) }],
    ['/api/release', shown],
    ['/api/code-create', { request: { ttl: 1 } }],
    ['/api/code-revoke', {}]
  ]
  for (const [path, body] of bad) {
    t.match(await post(path, body), { status: 400, body: /invalid-request/ }, `${path} ${JSON.stringify(body)}`)
  }
  for (const query of ['limit=0', 'limit=501', 'state=gone', 'more=1', `text=${'x'.repeat(201)}`, 'continue=%00']) {
    t.match(await ask(`/api/list?${query}`), { status: 400, body: /invalid-request/ }, query)
  }
  t.match(await ask('/api/approve'), { status: 405, body: /wrong-method/ })
  t.match(await post('/api/list', {}), { status: 405, body: /wrong-method/ })
  for (const path of ['/api/', '/api/constructor', '/api/show/', '/api/show/%ff', `/api/show/${'x'.repeat(254)}`]) {
    t.match(await ask(path), { status: 404, body: /not-found/ }, path)
  }
  t.same(calls, [])
})

t.test('a code whose answer is lost is revoked, and one that arrives is not', async (t) => {
  const entrance = new Entrance({ random: randomBytes, monotonic: () => 0 })
  const cookie = `joinery=${entrance.enter(entrance.secret)}`
  const asked = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const made = Promise.withResolvers<{ code: typeof newCode; command: string }>()
  const revoked = Promise.withResolvers<string>()
  let revocations = 0
  const api = {
    codeCreate: () => {
      asked.resolve()
      return made.promise
    },
    codeRevoke: async ({ id }) => {
      revocations += 1
      revoked.resolve(id)
      return code
    }
  } satisfies Partial<ConsoleApi> as unknown as ConsoleApi
  const own = 'joinery-1.localhost:1'
  const parts = {
    own,
    entrance,
    assets: new Map(),
    api,
    streams: new Streams({ hear: () => () => {} }),
    told: (text: string) => text,
    used: () => {}
  }
  const handle = consoleHandler(parts)
  const listening = await listenOnLoopback(
    () => (request, response) => {
      response.once('close', gone.resolve)
      void handle(request, response)
    },
    0
  )
  t.teardown(() => listening.close())
  const body = JSON.stringify({ request: { ttl: 1800 } })
  const headers = {
    host: own,
    origin: `http://${own}`,
    cookie,
    'content-type': 'application/json',
    'content-length': `${body.length}`
  }
  const peer = connect(listening.port, '127.0.0.1')
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  peer.write(`${['POST /api/code-create HTTP/1.1', ...head].join('\r\n')}\r\n\r\n${body}`)
  await asked.promise
  peer.destroy()
  await gone.promise
  made.resolve({ code: newCode, command: '' })
  t.equal(await inTime('it is revoked', revoked.promise), newCode.id)
  t.match(await askPort(listening.port, '/api/code-create', { method: 'POST', headers, body }), { status: 200 })
  t.equal(revocations, 1)
})

t.test('an error that nobody foresaw keeps its text to itself', async (t) => {
  const { ask } = await open(t, { list: () => ({ items: null }) })
  const answer = await ask('/api/list')
  t.match(answer, { status: 500, body: /"code":"internal"/ })
  t.notMatch(answer.body, /Cannot|undefined|null/)
})

t.test('a port that another program has on the other loopback address is not taken', async (t) => {
  const squatter = createServer().listen(0, '::1')
  const isThere = await once(squatter, 'listening').then(
    () => true,
    () => false
  )
  if (!isThere) return t.pass('this host has no IPv6')
  t.teardown(() => squatter.close())
  const { port } = squatter.address() as { port: number }
  const { socket } = await serveOperators(t, answers)
  const ran = await runWith(['--socket', socket, 'console', '--port', `${port}`], {
    consoleFolder: t.testdir({ 'index.html': '' })
  })
  t.match(ran, { exitCode: 1, out: '', err: `error: another program listens on port ${port}\n` })
})

t.test('the browser is told by a file that only the user can read, which is gone once the link is used', async (t) => {
  const { socket } = await serveOperators(t, answers)
  const opened = Promise.withResolvers<string>()
  const { link, own, port } = await startConsole(t, ['--socket', socket], { browse: opened.resolve })
  const file = await opened.promise
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(dirname(file)).mode & 0o777, 0o700)
  t.match(readFileSync(file, 'utf8'), `url=${link}"`)
  await askPort(port, new URL(link).pathname, { headers: { host: own } })
  t.notOk(existsSync(file))
})

t.test('--no-open opens nothing', async (t) => {
  const { socket } = await serveOperators(t, answers)
  const opened: string[] = []
  const { end } = await startConsole(t, ['--socket', socket], { browse: (file) => opened.push(file) }, ['--no-open'])
  await end()
  t.same(opened, [])
})

t.test('a console whose link nobody uses ends, and says so', async (t) => {
  const quick = shortSleep(1)
  const { socket } = await serveOperators(t, answers)
  const { now } = performance
  t.intercept(performance, 'now', { value: () => now.call(performance) + (paused ? linkLasts : 0) })
  let paused = false
  const { ended } = await startConsole(t, ['--socket', socket], {
    pause: async (milliseconds) => {
      await quick(milliseconds)
      paused = true
    }
  })
  t.match(await ended, {
    exitCode: 5,
    err: /error: nobody opened the link within 10 minutes\nremedy: joinery --socket \S+ console\n$/
  })
})

t.test('a page that nobody has built is said with the command that builds it', async (t) => {
  const { socket } = await serveOperators(t, answers)
  t.match(await runWith(['--socket', socket, 'console'], { consoleFolder: t.testdir({}), now: () => now }), {
    exitCode: 1,
    err: 'error: the page of the console is not built\nremedy: npx -y pnpm@12.4.2 build:console\n'
  })
})

for (const words of [
  ['--port', '80'],
  ['--port', '99999'],
  ['--port', 'x'],
  ['--lifetime', '5s'],
  ['--lifetime', '25h']
]) {
  t.test(`${words.join(' ')} is no option of a console`, async (t) => {
    t.match(await runWith(['console', ...words]), { exitCode: 2 })
  })
}
