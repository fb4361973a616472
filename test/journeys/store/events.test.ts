import { text } from 'node:stream/consumers'
import { connect } from '@joinery/cli/testing/session'
import { Budgets } from '@joinery/server/testing/base'
import { eventually, inTime } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { Client, type Dispatcher } from 'undici'

const never = (): Promise<void> => new Promise(() => {})

/** An answer of the stream as it comes over the socket. */
const stream = async (
  t: Test,
  { config }: Pairing,
  { query = {}, after }: { query?: Record<string, string>; after?: string } = {}
): Promise<Dispatcher.ResponseData> => {
  const client = new Client('http://server', { socketPath: config.operators.socket })
  t.teardown(() => client.destroy())
  const headers = after === undefined ? {} : { 'last-event-id': after }
  return client.request({ method: 'GET', path: '/v1/events', query, headers })
}

/** Reads the stream until it has said this, and gives all of it. */
const readUntil = async ({ body }: Dispatcher.ResponseData, said: RegExp): Promise<string> => {
  let all = ''
  const read = async (): Promise<string> => {
    for await (const chunk of body) {
      all += String(chunk)
      if (said.test(all)) return all
    }
    return all
  }
  return inTime(`the stream says ${said}`, read())
}

t.test('whoever follows has all enrolments, and then each change of one', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  const following = await pairing.operator.follow()
  t.teardown(() => following.close())
  const { changed } = await following.next()
  t.match(changed, [{ name: 'worker-1', state: 'pending' }])
  await enrolled(pairing, 'worker-2')
  await eventually('the newcomer', async () => (await following.next()).changed.some(({ name }) => name === 'worker-2'))
  await approve(pairing, 'worker-1')
  t.match((await inTime('the approval', following.next())).changed, [{ name: 'worker-1', state: 'approved' }])
  t.same(
    following.items.map(({ name, state }) => [name, state]),
    [
      ['worker-1', 'approved'],
      ['worker-2', 'pending']
    ],
    'in the order of their creation'
  )
})

t.test('after a restart of the server the list is compared once, and only what changed is told', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  await enrolled(pairing, 'worker-2')
  const following = await pairing.operator.follow()
  t.teardown(() => following.close())
  await following.next()
  const cut = following.next().catch((error: Error) => error)
  await pairing.restart({
    meanwhile: async () => {
      t.match(await inTime('the cut', cut), { message: /ended the stream|connection broke/ })
    }
  })
  await approve(pairing, 'worker-2')
  t.match(
    await inTime('what changed', following.next()),
    { changed: [{ name: 'worker-2', state: 'approved' }], gone: { length: 0 } },
    'and nothing of worker-1'
  )
})

t.test('a stream goes on from the place of the last event, and another place is a look at all', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  const first = await readUntil(await stream(t, pairing), /event: begin/)
  const place = /^id: (.+)$/m.exec(first)?.[1] ?? ''
  await approve(pairing, 'worker-1')
  const again = await readUntil(await stream(t, pairing, { after: place }), /event: changed\n.*\n/)
  t.match(again, /^event: begin\n/, 'it begins with what was missed')
  t.match(again, /"state":"approved".*"name":"worker-1"/)
  t.match(await readUntil(await stream(t, pairing, { after: 'x.1' }), /\n\n/), /^id: .+\nevent: reset\n/)
})

t.test('only what fits is told, and a filter that is none is refused', async (t) => {
  const pairing = await openPairing(t)
  const pending = await stream(t, pairing, { query: { state: 'pending' } })
  await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  const { id } = await pairing.operator.show('worker-1')
  t.match(await readUntil(pending, new RegExp(`"gone":\\["${id}"\\]`)), /event: changed/)
  const refused = await stream(t, pairing, { query: { state: 'nonsense' } })
  t.equal(refused.statusCode, 400)
  t.match(JSON.parse(await text(refused.body)), { code: 'invalid-request' })
})

t.test('wait hears of its machine, and asks for nothing meanwhile', async (t) => {
  const pairing = await openPairing(t)
  const words = ['--socket', pairing.config.operators.socket, 'wait', 'worker-1', '--for', 'approved']
  // no pause ever ends: the change alone ends the wait
  const waits = runWith(words, { now: () => new Date(), pause: never })
  await enrolled(pairing, 'another')
  await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  t.match(await inTime('it ends', waits), { exitCode: 0, out: 'enrolment/worker-1 approved\n', err: '' })
})

t.test('list --watch prints what changed, of many one line each', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  let out = ''
  const words = ['--socket', pairing.config.operators.socket, 'list', '--watch', '--no-headers']
  void runWith(words, {
    now: () => new Date(),
    pause: never,
    out: (line) => {
      out += line
    }
  })
  await eventually('the list', () => /worker-1 +pending/.test(out))
  await approve(pairing, 'worker-1')
  await eventually('the change', () => /worker-1 +approved/.test(out))
  t.equal(out.match(/worker-1/g)?.length, 2)
})

t.test('a server with an open stream ends in good order', async (t) => {
  const pairing = await openPairing(t)
  const opened = await stream(t, pairing)
  const all = readUntil(opened, /never/)
  await pairing.restart()
  t.match(await all, /^id: .+\nevent: begin\ndata: \{.+\}\n\n$/, 'the stream has its end, and is not broken off')
})

t.test(
  'a command that finds no place among the readers looks again and again, as at a server without events',
  async (t) => {
    const pairing = await openPairing(t, {}, undefined, (container) => {
      const budgets = container.resolve(Budgets)
      container.register(Budgets, { useValue: { ...budgets, events: { ...budgets.events, readers: 0 } } })
    })
    await enrolled(pairing, 'worker-1')
    const refused = await stream(t, pairing)
    t.equal(refused.statusCode, 429)
    t.equal(refused.headers['retry-after'], '5')
    const client = connect(pairing.config.operators.socket, { pause: shortSleep(5) })
    t.teardown(client.close)
    const following = await client.follow()
    t.teardown(() => following.close())
    t.match((await following.next()).changed, [{ name: 'worker-1' }])
    await approve(pairing, 'worker-1')
    await eventually('the change', async () => (await following.next()).changed[0]?.state === 'approved')
  }
)
