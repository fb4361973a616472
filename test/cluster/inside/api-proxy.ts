import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededFor } from '@joinery/testing/chance/seeded'
import { Agent, type Dispatcher, request } from 'undici'
import type { Chance, Fate, ProxyOrder } from '../api-proxy.ts'

/**
 * Run inside the bed: stands before the API server. It answers some of the calls itself, and hands on others late, twice or not at all, as
 * the file of the order says at that moment. Arguments: its own URL, that of the API server, the folder of the cluster's keys, the file of
 * the order. It prints a line for each call that it does not just hand on.
 */
const [own = '', target = '', keys = '', orderFile = ''] = process.argv.slice(2)
const { hostname, port } = new URL(own)
const key = (name: string): Buffer => readFileSync(join(keys, name))
const dispatcher = new Agent({ connect: { ca: key('ca.crt') }, bodyTimeout: 0 })

/** Headers that hold for one connection only. */
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'expect']
const handedOn = <T>(headers: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.includes(name)))

type Handler = Extract<Parameters<typeof createServer>[1], (...given: never[]) => unknown>
type Asked = Parameters<Handler>[0]
type Answer = Parameters<Handler>[1]

/** Whoever trusts the API server trusts the proxy. */
const listening = (handler: Handler): Server =>
  createServer({ cert: key('apiserver.crt'), key: key('apiserver.key') }, handler)

const refuse = (answer: Answer, status: number): void => {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: 'by the proxy' }
  if (status === 429) answer.setHeader('retry-after', '1')
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const ask = (asked: Asked, body: Dispatcher.RequestOptions['body'], signal?: AbortSignal) =>
  request(new URL(asked.url ?? '/', target), {
    method: asked.method as Dispatcher.HttpMethod,
    headers: handedOn(asked.headers),
    body: body ?? null,
    dispatcher,
    ...(signal && { signal })
  })

const handOn = async (asked: Asked, answer: Answer, ahead: number): Promise<void> => {
  const gone = new AbortController()
  answer.on('close', () => gone.abort())
  try {
    const given = await ask(asked, asked.method === 'GET' ? null : asked, gone.signal)
    const date = new Date(Date.parse(String(given.headers.date)) + ahead).toUTCString()
    answer.writeHead(given.statusCode, { ...handedOn(given.headers), date })
    // a watch that is still silent has begun all the same
    answer.flushHeaders()
    for await (const chunk of given.body) answer.write(chunk)
    answer.end()
  } catch {
    answer.destroy()
  }
}

let [calls, met] = [0, 0]
/** The fate of a call. Each draws the same numbers, so that a seed means as much as it can if calls come in any order. */
const drawn = (
  { chances, seed }: ProxyOrder,
  method: string,
  url: string
): { fate: Fate; delay: number } | undefined => {
  const isNamed = (one: Chance) => new RegExp(`^(?:${one.method})$`).test(method) && new RegExp(one.url).test(url)
  const chance = url.includes('watch=') ? undefined : chances.find(isNamed)
  if (chance === undefined) return undefined
  const random = seededFor(seed, calls)
  calls += 1
  const [luck, delay] = [random.next(), random.next() * chance.most]
  if (luck >= chance.share) return undefined
  const { fates } = chance
  const order = fates.toSorted((one, other) => rank(seed, one) - rank(seed, other))
  const fate = order[met % order.length] as Fate
  met += 1
  return { fate, delay }
}

const rank = (seed: number, fate: Fate): number => seededFor(seed, Object.keys(meet).indexOf(fate)).next()

/** Has the API server carry the call out, whoever still waits for it, and gives the whole answer. */
const carryOut = async (asked: Asked, body: Buffer) => {
  const { statusCode, headers, body: given } = await ask(asked, asked.method === 'GET' ? null : body)
  return { statusCode, headers: handedOn(headers), text: Buffer.from(await given.arrayBuffer()) }
}

const give = (answer: Answer, { statusCode, headers, text }: Awaited<ReturnType<typeof carryOut>>): void =>
  void answer.writeHead(statusCode, headers).end(text)

const meet: Record<Fate, (asked: Asked, body: Buffer, answer: Answer, delay: number) => Promise<void> | void> = {
  slow: async (asked, body, answer, delay) => {
    await sleep(delay)
    give(answer, await carryOut(asked, body))
  },
  late: async (asked, body, answer, delay) => {
    const given = await carryOut(asked, body)
    await sleep(delay)
    give(answer, given)
  },
  unanswered: async (asked, body, answer) => {
    await carryOut(asked, body)
    answer.destroy()
  },
  silent: async (asked, body) => void (await carryOut(asked, body)),
  cut: async (asked, body, answer) => {
    const { statusCode, headers, text } = await carryOut(asked, body)
    answer.writeHead(statusCode, { ...headers, 'content-length': text.length })
    answer.write(text.subarray(0, text.length / 2), () => answer.destroy())
  },
  lost: (_asked, _body, answer) => void answer.destroy(),
  afterwards: async (asked, body, answer, delay) => {
    answer.destroy()
    await sleep(delay)
    await carryOut(asked, body)
  },
  twice: async (asked, body, answer, delay) => {
    await carryOut(asked, body)
    await sleep(delay)
    give(answer, await carryOut(asked, body))
  },
  tooMany: (_asked, _body, answer) => refuse(answer, 429),
  failing: (_asked, _body, answer) => refuse(answer, 500),
  unserved: (_asked, _body, answer) => refuse(answer, 503)
}

listening(async (asked, answer) => {
  const { method = 'GET', url = '/' } = asked
  const order: ProxyOrder = JSON.parse(readFileSync(orderFile, 'utf8'))
  const ours = order.answers.find((one) => one.method === method && new RegExp(one.url).test(url))
  if (ours !== undefined) {
    console.log(`${ours.status} ${method} ${url}`)
    asked.resume()
    return refuse(answer, ours.status)
  }
  const chance = drawn(order, method, url)
  if (chance === undefined) return handOn(asked, answer, order.ahead)
  console.log(`${chance.fate} ${method} ${url}`)
  try {
    await meet[chance.fate](asked, await buffer(asked), answer, chance.delay)
  } catch {
    answer.destroy()
  }
}).listen(Number(port), hostname)
