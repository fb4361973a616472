import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { agentRoutes } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import { askAsWritten } from '@joinery/testing/requests/ask-as-written'
import { pathForms } from '@joinery/testing/requests/path-forms'
import t from 'tap'
import { Agent, request } from 'undici'

/** Sends bytes as they are, past every client library's own checks. */
const raw = (pairing: Pairing, machine?: TestMachine) => {
  const dispatcher = new Agent({
    connect: {
      rejectUnauthorized: false,
      ...(machine && { cert: machine.identity.certificate, key: machine.identity.key })
    }
  })
  return async (method: 'GET' | 'POST' | 'PUT', path: string, body?: string | Buffer, type = 'application/json') => {
    const headers = body === undefined ? {} : { 'content-type': type }
    const answer = await request(`${pairing.url}${path}`, { method, dispatcher, headers, ...(body && { body }) })
    return { status: answer.statusCode, body: (await answer.body.json()) as { code?: string; detail?: string } }
  }
}

t.test('a body that does not fit is refused, and no part of it is used', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  const send = raw(pairing, machine)
  const good = { code, name: 'a', facts: machine.facts, preflight: [] }
  const text = JSON.stringify
  const bodies: [string, string | Buffer, number][] = [
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['an array', '[]', 400],
    ['a number as text', text({ ...good, facts: { ...machine.facts, cpus: '2' } }), 400],
    ['a number that counts nothing', text({ ...good, facts: { ...machine.facts, memory: 1e308 } }), 400],
    ['a missing field', text({ code, name: 'a', preflight: [] }), 400],
    ['__proto__', text(good).replace('{', '{"__proto__":{"admin":true},'), 400],
    ['constructor.prototype', text(good).replace('{', '{"constructor":{"prototype":{}},'), 400],
    ['deep nesting', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400],
    ['bad UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400],
    ['too much', text({ ...good, name: 'x'.repeat(70_000) }), 413],
    ['too many checks', text({ ...good, preflight: Array(101).fill({ name: 'a', verdict: 'pass', finding: '' }) }), 400]
  ]
  for (const [what, body, status] of bodies) {
    // so that it is not refused for calling too often
    pairing.clock.advance(1000)
    const answer = await send('POST', agentRoutes.enrol.path, body)
    t.equal(answer.status, status, what)
    t.match(answer.body.code, status === 413 ? 'too-large' : 'invalid-request', what)
    t.notMatch(JSON.stringify(answer.body), code, `${what}: the code is not echoed`)
  }
  pairing.clock.advance(1000)
  t.equal((await send('POST', agentRoutes.enrol.path, 'code=1', 'text/plain')).status, 400, 'another content type')
  t.same((await pairing.operator.list()).items, [])
  t.match(await machine.enrol(code), { state: 'pending' }, 'and the code is still good')
})

t.test('without a client certificate every call is refused', async (t) => {
  const pairing = await openPairing(t)
  const send = raw(pairing)
  for (const { method, path } of [agentRoutes.wait, agentRoutes.claim]) {
    t.match(await send(method, path), { status: 401, body: { code: 'certificate-required' } }, path)
  }
})

t.test('agents cannot reach the routes of operators, nor anything else', async (t) => {
  const pairing = await openPairing(t)
  const send = raw(pairing, await pairing.machine())
  for (const path of ['/v1/codes', '/livez', '/readyz', '/metrics', '/install/sha256/../../etc/passwd']) {
    t.match(await send('GET', path), { status: 404, body: { code: 'not-found' } }, path)
  }
  const list = await send('GET', '/v1/enrolments')
  t.match(list, { status: 405, body: { code: 'method-not-allowed' } }, 'the path of an enrolment lists none')
  t.equal((await send('GET', `/install/sha256/${'a'.repeat(64)}.deb`)).status, 404, 'a package that no code names')
})

t.test('B3: however the path of an operator is written, agents get nothing by it', async (t) => {
  const pairing = await openPairing(t)
  await pairing.code('worker-1')
  const { identity } = await pairing.machine()
  const port = Number(new URL(pairing.url).port)
  for (const path of [...pathForms('/v1/codes'), ...pathForms('/v1/status')]) {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      cert: identity.certificate,
      key: identity.key
    })
    // 0: the connection was cut, because that is no request of HTTP
    t.match(await askAsWritten(socket, 'GET', path), /^(0|40[04])$/, path)
  }
})

t.test('a path that the router cannot read is refused as a problem, on both listeners', async (t) => {
  const pairing = await openPairing(t)
  const agents = raw(pairing, await pairing.machine())
  const dispatcher = new Agent({ connect: { socketPath: pairing.config.operators.socket } })
  t.teardown(() => dispatcher.close())
  const long = 'x'.repeat(300)
  for (const [what, path] of [
    ['too long', `/install/sha256/${long}.deb`],
    ['not encoded', '/install/sha256/%zz.deb']
  ] as const) {
    const { status, body } = await agents('GET', path)
    t.match({ status, body }, { status: 400, body: { code: 'invalid-request' } }, `agents: ${what}`)
    t.notMatch(body.detail, long, `agents: ${what}, and it is not repeated`)
  }
  for (const [what, path] of [
    ['too long', `/v1/enrolments/${long}`],
    ['not encoded', '/v1/codes/%zz']
  ] as const) {
    const { statusCode, headers, body } = await request(`http://joinery-server${path}`, { dispatcher })
    t.equal(statusCode, 400, `operators: ${what}`)
    t.match(headers['content-type'], /^application\/problem\+json/, `operators: ${what}`)
    t.match(await body.json(), { code: 'invalid-request', detail: /path/ }, `operators: ${what}`)
  }
})

t.test('a repeated event that the table forbids is 409', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const ready = { outcome: 'ready', certificate: { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' } }
  const answer = await raw(pairing, machine)('POST', agentRoutes.outcome.path, JSON.stringify(ready))
  t.match(answer, { status: 409, body: { code: 'illegal-event', detail: /is pending$/ } })
})

t.test('TLS older than 1.3 and plain HTTP are refused', async (t) => {
  const pairing = await openPairing(t)
  const port = Number(new URL(pairing.url).port)
  const old = connectTls({ port, host: '127.0.0.1', maxVersion: 'TLSv1.2', rejectUnauthorized: false })
  await t.rejects(once(old, 'secureConnect'), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  const plain = connectTcp(port, '127.0.0.1')
  plain.end('GET /v1/enrolment HTTP/1.1\r\nHost: a\r\n\r\n')
  const received: Buffer[] = []
  plain.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => {})
  await once(plain, 'close')
  t.notMatch(Buffer.concat(received).toString('latin1'), /HTTP\/1\.1 200/)
})

t.test('a slow sender is cut off: silent, slow headers, slow body', async (t) => {
  const pairing = await openPairing(t)
  const port = Number(new URL(pairing.url).port)
  const slowly = (start: string) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => socket.write(start))
    return socket
  }
  const sockets = {
    silent: connectTcp(port, '127.0.0.1'),
    'slow headers': slowly('GET /v1/enrolment HTTP/1.1\r\nHost: a\r\n'),
    'slow body': slowly(
      'POST /v1/enrolments HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'
    )
  }
  for (const socket of Object.values(sockets)) socket.on('error', () => {}).resume()
  for (const [what, socket] of Object.entries(sockets)) await eventually(`${what} is cut off`, () => socket.closed)
  t.pass('all are cut off')
})

t.test('an enrolment with facts that look like commands is only text', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  const nasty = ['"; DROP TABLE enrolments; --', '\u001b[2J', '\u009b2J\u202e', '$(reboot)', '{{ env }}', '\n- name: x']
  const facts = { ...machine.facts, os: nasty.join(''), serial: nasty.join('').slice(0, 128) }
  await machine.enrol(code, { facts })
  t.same((await pairing.operator.show('worker-1')).facts, facts)
  await machine.server.observe({ facts: { ...facts, serial: '\u009b2J\u202e' }, preflight: [] })
  t.match(pairing.log, /serial changed from .*\\u009b2J\\u202e/, 'also in the log')
  t.notMatch(pairing.log, /[^\x20-\x7e\n]/)
})

t.test('the last value of a key that comes twice in a body counts, and no other is kept', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const send = raw(pairing, machine)
  const { code } = await pairing.code()
  const body = JSON.stringify({ code, name: 'first', facts: machine.facts, preflight: [] })
  await send('POST', agentRoutes.enrol.path, `${body.slice(0, -1)},"name":"last"}`)
  t.match((await pairing.operator.list()).items, [{ name: 'last' }])
  t.notMatch(JSON.stringify(await pairing.operator.show('last')), 'first')
})
