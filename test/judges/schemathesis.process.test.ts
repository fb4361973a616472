import { readFile } from 'node:fs/promises'
import { createServer, request as overHttp, type RequestOptions } from 'node:http'
import { request as overTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { hasSchemathesis, installSchemathesis, judgeApi } from './schemathesis/schemathesis.ts'

// a host that has more to do gives Python its turn
t.setTimeout(1_800_000)

const skip = needs('python3') || needs('schemathesis', hasSchemathesis)
const documentOf = async (api: 'operators' | 'agents') =>
  JSON.parse(await readFile(join(import.meta.dirname, `../../docs/reference/openapi-${api}.json`), 'utf8'))

// in CI nothing asks whether it is here
if (skip === false) t.before(installSchemathesis)

/** Hands each request on as it comes to where schemathesis cannot go, and counts the answers by their status. */
const handOn = async (t: Test, to: () => RequestOptions & { tls?: boolean }) => {
  const answers = new Map<number, number>()
  const server = createServer((request, response) => {
    const { tls, ...target } = to()
    const { method, url: path, headers } = request
    const ask = tls === true ? overTls : overHttp
    const asked = ask({ ...target, method, path, headers, agent: false }, (answer) => {
      const { statusCode: status = 0 } = answer
      answers.set(status, (answers.get(status) ?? 0) + 1)
      response.writeHead(status, answer.headers)
      if (answer.headers['content-type'] !== 'text/event-stream') return answer.pipe(response)
      // a stream has no end: its first event is what can be judged
      answer.once('data', (first) => {
        response.end(first)
        answer.destroy()
      })
    })
    asked.on('error', () => response.destroy())
    request.pipe(asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers }
}

/** Has schemathesis make some 2,000 cases of the document, `each` of an operation, and asks them of the front. */
const judge = async (t: Test, document: object, each: number, { url, answers }: Awaited<ReturnType<typeof handOn>>) => {
  const place = t.testdir({ 'openapi.json': JSON.stringify(document) })
  const { ok, said } = await judgeApi(join(place, 'openapi.json'), url, each, place)
  const count = answers.values().reduce((all, one) => all + one, 0)
  t.ok(ok, 'it finds nothing', { said })
  t.comment(`${count} answers: ${JSON.stringify(Object.fromEntries(answers))}`)
  t.ok(count > 1_500, 'some 2,000 cases, as the document of today makes them')
}

t.test("O8: the operators' API is as its document says", { skip }, async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  await enrolled(pairing, 'worker-2')
  const front = await handOn(t, () => ({ socketPath: pairing.config.operators.socket }))
  await judge(t, await documentOf('operators'), 44, front)
})

t.test("O8: the agents' API is as its document says", { skip }, async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing, 'worker-1')
  const { hostname, port } = new URL(pairing.url)
  const { certificate: cert, key } = machine.identity
  const target = { tls: true, host: hostname, port, cert, key, rejectUnauthorized: false }
  const front = await handOn(t, () => {
    // it asks more often than a machine may
    pairing.clock.advance(60_000)
    return target
  })
  const document = await documentOf('agents')
  // a poll that waits takes real time
  const { get } = document.paths['/v1/enrolment']
  get.parameters = get.parameters.filter(({ name }: { name: string }) => name !== 'wait')
  await judge(t, document, 65, front)
})
