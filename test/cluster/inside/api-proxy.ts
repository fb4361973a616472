import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { Agent, type Dispatcher, request } from 'undici'
import type { ProxyOrder } from '../api-proxy.ts'

/**
 * Run inside the bed: stands before the API server, and answers some of the calls itself, as the file of the order says at that
 * moment. Arguments: its own URL, that of the API server, the folder of the cluster's keys, the file of the order. It prints a line
 * for each answer of its own.
 */
const [own = '', target = '', keys = '', orderFile = ''] = process.argv.slice(2)
const { hostname, port } = new URL(own)
const key = (name: string): Buffer => readFileSync(join(keys, name))
const dispatcher = new Agent({ connect: { ca: key('ca.crt') }, bodyTimeout: 0 })

/** Headers that hold for one connection only. */
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'expect']
const handedOn = <T>(headers: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.includes(name)))

// whoever trusts the API server trusts the proxy
createServer({ cert: key('apiserver.crt'), key: key('apiserver.key') }, async (asked, answer) => {
  const { method = 'GET', url = '/', headers } = asked
  const { answers, ahead }: ProxyOrder = JSON.parse(readFileSync(orderFile, 'utf8'))
  const ours = answers.find((one) => one.method === method && new RegExp(one.url).test(url))
  if (ours !== undefined) {
    console.log(`${ours.status} ${method} ${url}`)
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: ours.status, message: 'by the proxy' }
    asked.resume()
    if (ours.status === 429) answer.setHeader('retry-after', '1')
    answer.writeHead(ours.status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    return
  }
  const gone = new AbortController()
  answer.on('close', () => gone.abort())
  try {
    const body = method === 'GET' ? null : asked
    const given = await request(new URL(url, target), {
      method: method as Dispatcher.HttpMethod,
      headers: handedOn(headers),
      body,
      dispatcher,
      signal: gone.signal
    })
    const date = new Date(Date.parse(String(given.headers.date)) + ahead).toUTCString()
    answer.writeHead(given.statusCode, { ...handedOn(given.headers), date })
    // a watch that is still silent has begun all the same
    answer.flushHeaders()
    for await (const chunk of given.body) answer.write(chunk)
    answer.end()
  } catch {
    answer.destroy()
  }
}).listen(Number(port), hostname)
