import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { agentRoutes } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import { type RawTls, rawTls } from '@joinery/testing/requests/raw-tls'
import t, { type Test } from 'tap'

t.setTimeout(60_000)

const request = (query = '') => `GET ${agentRoutes.wait.path}${query} HTTP/1.1\r\nhost: joinery-server\r\n\r\n`

/** A connection that sends records as they are made here. */
const open = async (t: Test, pairing: Pairing, machine?: TestMachine): Promise<RawTls> => {
  const { certificate: cert, key } = machine?.identity ?? {}
  const raw = await rawTls(Number(new URL(pairing.url).port), { ...(cert !== undefined && { cert, key }) })
  t.teardown(() => raw.tcp.destroy())
  return raw
}

/** What comes next. Null if the connection is closed instead. */
const next = async (tls: TLSSocket): Promise<unknown> => {
  const over = new AbortController()
  const { signal } = over
  const events = [once(tls, 'data', { signal }), once(tls, 'close', { signal }).then(() => [null])]
  for (const event of events) event.catch(() => {})
  const [came] = await Promise.race(events)
  over.abort()
  return came
}

/** Status of the next answer. Undefined if the connection is cut instead. */
const answer = async ({ tls }: RawTls): Promise<number | undefined> => {
  const came = tls.destroyed ? null : await next(tls)
  return came === null ? undefined : Number(String(came).slice(9, 12))
}

const updates = ({ write }: RawTls, many: number, options = {}): Buffer =>
  Buffer.concat(Array.from({ length: many }, () => write.keyUpdate(options)))

t.test('B2: changes of keys without end cut the connection, of a stranger and of a known machine', async (t) => {
  const pairing = await openPairing(t)
  const known = await enrolled(pairing)
  for (const [who, machine] of [
    ['a stranger', undefined],
    ['a known machine', known]
  ] as const) {
    for (const [how, options] of [
      ['27 bytes each', {}],
      ['a reply to each', { requested: true }],
      ['16 KB each', { padding: 16_000 }]
    ] as const) {
      const raw = await open(t, pairing, machine)
      raw.tcp.write(updates(raw, 40, options))
      raw.tcp.write(raw.write.data(request()))
      t.equal(await answer(raw), undefined, `${who}, ${how}`)
    }
    const slow = await open(t, pairing, machine)
    // fewer in each piece than are handed on as they come
    for (let piece = 0; piece < 10; piece += 1) {
      await new Promise((resolve) => slow.tcp.write(updates(slow, 4), resolve))
    }
    slow.tcp.write(slow.write.data(request()))
    t.equal(await answer(slow), undefined, `${who}, a few at a time`)
  }
})

t.test('B2: a few changes of keys before each request are fine, also while a poll waits', async (t) => {
  const pairing = await openPairing(t)
  const raw = await open(t, pairing, await enrolled(pairing))
  for (let time = 0; time < 20; time += 1) {
    raw.tcp.write(Buffer.concat([updates(raw, 20, { requested: true }), raw.write.data(request())]))
    t.equal(await answer(raw), 200, `time ${time}`)
  }
  raw.tcp.write(raw.write.data(request('?after=1&wait=50')))
  raw.tcp.write(updates(raw, 20, { requested: true }))
  const news = answer(raw)
  await approve(pairing, 'worker-1')
  t.equal(await news, 200)
})

t.test('a body may come in pieces, and the largest one has room', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code()
  const checks = Array.from({ length: 100 }, (_, at) => ({
    name: `a-${at}`,
    verdict: 'pass',
    finding: 'x'.repeat(560)
  }))
  const body = JSON.stringify({ code, name: machine.facts.hostname, facts: machine.facts, preflight: checks })
  t.ok(body.length > 60_000)
  const raw = await open(t, pairing, machine)
  const head = [
    `POST ${agentRoutes.enrol.path} HTTP/1.1`,
    'host: joinery-server',
    'content-type: application/json',
    `content-length: ${body.length}`,
    `x-long: ${'x'.repeat(12_000)}`
  ]
  const text = `${head.join('\r\n')}\r\n\r\n${body}`
  // smaller than those of Node, which have 16 KB
  for (let at = 0; at < text.length; at += 4_000) raw.tcp.write(raw.write.data(text.slice(at, at + 4_000)))
  t.equal(await answer(raw), 201)
  raw.tcp.write(raw.write.data(request()))
  t.equal(await answer(raw), 200, 'and the next request as well')
})
