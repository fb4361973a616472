import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ProblemError } from '@joinery/protocol'
import { type AgentMachine, openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string
}

/**
 * The pairing server behind something that answers in its place, with its key; `stepAside` lets the machine's calls
 * through from then on.
 */
const behind = async (t: Test, pairing: Pairing, { status, headers, body = '' }: Answer) => {
  const file = (name: string) => readFile(join(pairing.config.state, name), 'utf8')
  const [key, leaf, authority] = [await file('tls.key'), await file('tls.crt'), await file('ca.crt')]
  const proxy = createServer({ key, cert: `${leaf}\n${authority}` }, (_, response) => {
    response.writeHead(status, headers).end(body)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  let inFront = true
  const shown: Pairing = {
    ...pairing,
    get url() {
      return inFront ? `https://127.0.0.1:${(proxy.address() as AddressInfo).port}` : pairing.url
    }
  }
  const stepAside = ({ network }: AgentMachine) => {
    inFront = false
    network.cut()
  }
  return { shown, stepAside }
}

const openBehind = async (t: Test, answer: Answer) => {
  const pairing = await openPairing(t)
  const { shown, stepAside } = await behind(t, pairing, answer)
  const open = await openMachine(t, shown)
  const agent = open.start()
  const goesOn = async () => {
    stepAside(open)
    await open.putCode()
    await approvePending(pairing, open)
    t.equal(await agent.ended, 'done')
    await assertJoined(t, pairing, open)
  }
  return { open, goesOn }
}

const tries = (open: AgentMachine, count: number): Promise<number[]> =>
  eventually(`it has tried ${count} times`, () => {
    const { slept } = open.clock
    return slept.length >= count && slept.slice(0, count).map(Math.round)
  })

for (const { status, body } of [
  { status: 302, body: '' },
  { status: 429, body: 'slow down' },
  { status: 502, body: '<html><h1>Bad Gateway</h1></html>' },
  { status: 503, body: '{"message":"no healthy upstream"}' }
]) {
  t.test(`the agent waits after a bare ${status}, and says since when and until when`, async (t) => {
    const { open, goesOn } = await openBehind(t, { status, body })
    const answer = `^https://127\\.0\\.0\\.1:\\d+ answers with HTTP status ${status}`
    await says(open, new RegExp(`${answer}; next try in 2 s$`))
    await says(open, new RegExp(`${answer}; failing for 33 s; next try in 31 s$`))
    await says(open, new RegExp(`${answer}; failing for 2 min; next try in 31 s$`))
    await goesOn()
  })
}

t.test('an answer that is not JSON counts as none, and none of it is shown', async (t) => {
  const { open, goesOn } = await openBehind(t, { status: 200, body: '<html>welcome</html>' })
  await says(open, /^https:\/\/127\.0\.0\.1:\d+ answers with HTTP status 200 and no JSON; next try in 2 s$/)
  await goesOn()
})

const { body: busy } = new ProblemError('too-many-requests')

const asked: Record<string, [Answer, string, number[]]> = {
  'a server that has too many requests is left alone for as long as it asks': [
    { status: 429, headers: { 'retry-after': '90' }, body: JSON.stringify(busy) },
    'Too many requests',
    [91_250, 92_250, 94_250]
  ],
  'so is a proxy that finds no server': [
    { status: 503, headers: { 'retry-after': '90' } },
    'answers with HTTP status 503',
    [91_250, 92_250, 94_250]
  ],
  'so is a server that answers a poll with nothing, at once': [
    { status: 204, headers: { 'retry-after': '90' } },
    'is busy',
    [91_250, 92_250, 94_250]
  ],
  'who asks for a day is left alone for five minutes': [
    { status: 503, headers: { 'retry-after': '86400' } },
    'answers with HTTP status 503',
    [301_250, 302_250, 304_250]
  ],
  'who asks for a date, by a clock that need not be this machine’s, is asked again as ever': [
    { status: 503, headers: { 'retry-after': 'Fri, 31 Dec 2027 23:59:59 GMT' } },
    'answers with HTTP status 503',
    [1250, 2250, 4250]
  ]
}

for (const [name, [answer, text, pauses]] of Object.entries(asked)) {
  t.test(name, async (t) => {
    const { open, goesOn } = await openBehind(t, answer)
    t.same(await tries(open, 3), pauses)
    await says(open, new RegExp(`${text}; failing for .*; next try in`))
    await goesOn()
  })
}
