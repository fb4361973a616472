import { connect as connectTcp, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { agentRoutes, operatorRoutes } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

/** Bytes that a peer sends, with what it hears. `undefined`: the connection ends without an answer. */
type Row = [what: string, sent: string, answer: { status: number; code: string; allow?: string } | undefined]

const toOperators = ({ config }: Pairing): Socket => connectTcp(config.operators.socket)
const toAgents = ({ url }: Pairing, { identity }: TestMachine): Socket => {
  const { hostname: host, port } = new URL(url)
  const { certificate: cert, key } = identity
  return connectTls({ host, port: Number(port), cert, key, rejectUnauthorized: false })
}

/** The answer to bytes that are sent as they are. */
const heard = async (socket: Socket, sent: string) => {
  socket.on('error', () => {})
  socket.write(sent)
  const text = (await buffer(socket).catch(() => Buffer.alloc(0))).toString()
  if (text === '') return undefined
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [, allow] = /^allow: (.*)$/im.exec(head) ?? []
  const [, media = ''] = /^content-type: (.*)$/im.exec(head) ?? []
  return {
    status: Number(head.slice(9, 12)),
    media,
    ...(JSON.parse(body) as { code: string; detail?: string }),
    ...(allow && { allow })
  }
}

const close = 'Host: x\r\nConnection: close\r\n\r\n'
const unreadable: [what: string, sent: string, status: number, code: string][] = [
  ['a method that HTTP does not have', `FOO ${operatorRoutes.list.path} HTTP/1.1\r\n${close}`, 400, 'invalid-request'],
  [
    'two lengths',
    `POST ${operatorRoutes.createCode.path} HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n${close}`,
    400,
    'invalid-request'
  ],
  ['no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', 400, 'invalid-request'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid-request'],
  ['a head without an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${close}`, 413, 'too-large']
]

t.test(
  "O8: the operators' socket answers what it cannot read with a problem, and the agents' port cuts it",
  async (t) => {
    const pairing = await openPairing(t)
    const machine = await pairing.machine()
    for (const [what, sent, status, code] of unreadable) {
      const answer = await heard(toOperators(pairing), sent)
      t.match(answer, { status, media: /^application\/problem\+json/, code }, what)
      t.equal(await heard(toAgents(pairing, machine), sent), undefined, what)
    }
  }
)

t.test('O8: what can be read and is wrong before the router has a problem at both', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const rows = (path: string, allow: string): Row[] => [
    ['no Host', `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`, { status: 400, code: 'invalid-request' }],
    ['a path that is no URL', `GET /%zz HTTP/1.1\r\n${close}`, { status: 400, code: 'invalid-request' }],
    [
      'an expectation, which is passed over',
      `TRACE ${path} HTTP/1.1\r\nExpect: x\r\n${close}`,
      { status: 405, code: 'method-not-allowed', allow }
    ],
    [
      'another method',
      `PATCH ${path} HTTP/1.1\r\nContent-Length: 2\r\n${close}{}`,
      { status: 405, code: 'method-not-allowed', allow }
    ],
    ['no such path', `PATCH /v1/nothing HTTP/1.1\r\n${close}`, { status: 404, code: 'not-found' }]
  ]
  for (const [what, sent, answer] of rows(operatorRoutes.createCode.path, 'GET, HEAD, POST'))
    t.match(await heard(toOperators(pairing), sent), { media: /^application\/problem\+json/, ...answer }, what)
  for (const [what, sent, answer] of rows(agentRoutes.claim.path, 'POST')) {
    pairing.clock.advance(1_000)
    t.match(await heard(toAgents(pairing, machine), sent), { media: /^application\/problem\+json/, ...answer }, what)
  }
})

t.test('O8: who reads only when all of a body is sent hears that it is too large', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { path, method } = agentRoutes.reportCauses
  const [size, piece] = [104 * 1024, 8 * 1024]
  for (let times = 0; times < 10; times += 1) {
    pairing.clock.advance(60_000)
    const socket = toAgents(pairing, machine).pause()
    socket.on('error', () => {})
    const send = (text: string) => new Promise<void>((resolve) => socket.write(text, () => resolve()))
    await send(
      `${method} ${path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\nHost: x\r\n\r\n`
    )
    for (let sent = piece; sent < size; sent += piece) await send('x'.repeat(piece))
    t.match(await heard(socket, 'x'.repeat(piece)), { status: 413, code: 'too-large' })
  }
})

t.test('O8: each call refuses a claim that is no name', async (t) => {
  const pairing = await openPairing(t)
  for (const { method, path } of Object.values(operatorRoutes)) {
    const sent = `${method} ${path.replace(':reference', 'x')} HTTP/1.1\r\nJoinery-Operator: ?\r\n${close}`
    t.match(
      await heard(toOperators(pairing), sent),
      { status: 400, detail: /^the header joinery-operator / },
      `${method} ${path}`
    )
  }
})
