import { day, hour, minute } from '@joinery/protocol'
import { TestClock } from '@joinery/testing/clocks/test-clock'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../../src/adapters/sqlite/sqlite-store.ts'
import { budgets } from '../../../../src/core/base/budgets.ts'
import { makeLog } from '../../../../src/core/base/log.ts'
import { systemRandom } from '../../../../src/core/base/random.ts'
import type { WritableStore } from '../../../../src/core/ports/store/store.ts'
import type { Answered, Outgoing } from '../../../../src/features/notices/send.ts'
import { Traces } from '../../../../src/features/notices/traces/traces.ts'
import { commitsTo } from '../../../../src/testing/commit.ts'

const collector = { url: new URL('https://collector.example/v1/traces'), onlyHere: false }

/** A store, a collector that answers as the test says, and servers that bring traces from the one to the other. */
const openTraces = async (t: Test) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const clock = new TestClock()
  const requests: { spanId: string; name: string }[][] = []
  const lines: string[] = []
  const world = {
    store,
    clock,
    requests,
    answer: (): Answered => ({ status: 200 }),
    get log() {
      return lines.join('')
    },
    /** A server on this store. It settles until the collector fails, or nothing is left. */
    server: (over: Partial<WritableStore> = {}) => {
      const traces = new Traces({
        store: { ...store, ...over },
        queue: over.notices ?? store.notices,
        commits: commitsTo({ ...store, ...over }),
        clock,
        random: systemRandom,
        log: makeLog({ write: (line) => void lines.push(line) }),
        collector,
        budget: budgets.notices,
        send: async ({ body }: Outgoing) => {
          const { resourceSpans } = JSON.parse(new TextDecoder().decode(body as Uint8Array))
          requests.push(resourceSpans[0].scopeSpans[0].spans)
          return world.answer()
        }
      })
      const { signal } = new AbortController()
      const settle = async () => {
        while ((await traces.turn(collector, signal)) === 0);
      }
      return { traces, settle }
    },
    /** Writes that a machine has become ready. */
    joins: async (id: string, event = 'become-ready') => {
      const made = (await store.enrolment(id)) ?? anEnrolment(id)
      const entry = (event: string) => ({
        at: clock.now().toISOString(),
        actor: 'agent',
        event,
        detail: '',
        alert: false
      })
      await store.commit({
        enrolments: [made],
        entries: ['enrol', 'progress', event].map((one) => ({ subject: id, entry: entry(one) }))
      })
    }
  }
  await world.server().settle()
  return world
}
const roots = (requests: { name: string; parentSpanId?: string }[][]): string[] =>
  requests
    .flat()
    .filter(({ parentSpanId }) => parentSpanId === undefined)
    .map(({ name }) => name)

t.test('a join is sent when it is over, once', async (t) => {
  const world = await openTraces(t)
  await world.joins('a')
  await world.joins('b', 'progress')
  await world.joins('c', 'give-up')
  const server = world.server()
  await server.settle()
  await server.settle()
  await world.server().settle()
  t.same(roots(world.requests), ['join', 'join'])
  t.same(server.traces.counts(), { sent: 2, lost: 0, failing: false })
})

t.test('crash before the collector has it: the next server sends it', async (t) => {
  const world = await openTraces(t)
  await world.joins('a')
  const cut = world.server({ timeline: async () => Promise.reject(new Error('the power was cut')) })
  await t.rejects(cut.settle(), /power/)
  await world.server().settle()
  t.same(roots(world.requests), ['join'])
})

t.test('crash after the collector has it: it gets the same spans again, under the same ids', async (t) => {
  const world = await openTraces(t)
  await world.joins('a')
  const cut = world.server({ commit: async () => Promise.reject(new Error('the power was cut')) })
  await t.rejects(cut.settle(), /power/)
  await world.server().settle()
  t.equal(world.requests.length, 2)
  t.same(world.requests[0], world.requests[1])
  await world.server().settle()
  t.equal(world.requests.length, 2)
})

t.test('twin: two servers send the same spans, and the place never goes back', async (t) => {
  const world = await openTraces(t)
  await world.joins('a')
  await Promise.all([world.server().settle(), world.server().settle()])
  for (const request of world.requests) t.same(request, world.requests[0])
  const sent = world.requests.length
  await world.server().settle()
  t.equal(world.requests.length, sent)
})

t.test(
  'a collector that is away costs a request in five minutes and no commit, and then gets everything',
  async (t) => {
    const world = await openTraces(t)
    world.answer = () => ({ failure: 'nobody listens there' })
    let commits = 0
    const server = world.server({
      commit: (change) => {
        commits += 1
        return world.store.commit(change)
      }
    })
    for (let number = 0; number < 120; number += 1) await world.joins(`m${number}`)
    for (let passed = 0; passed < hour; passed += minute) {
      await server.settle()
      world.clock.advance(minute)
    }
    t.ok(world.requests.length <= 20, `${world.requests.length} requests`)
    t.equal(commits, 0)
    t.equal(world.log.split('did not take traces').length - 1, 1, 'the log has it once')
    t.match(server.traces.counts(), { failing: true })
    world.answer = () => ({ status: 202 })
    world.requests.length = 0
    world.clock.advance(hour)
    await server.settle()
    t.equal(roots(world.requests).length, 120)
    t.equal(world.requests.length, 3, 'fifty at a time')
    t.match(world.log, 'takes traces again')
  }
)

t.test('what is older than a day is not sent any more, but counted', async (t) => {
  const world = await openTraces(t)
  world.answer = () => ({ status: 503 })
  await world.joins('a')
  const server = world.server()
  await server.settle()
  world.clock.advance(2 * day)
  world.answer = () => ({ status: 200 })
  await world.joins('b')
  world.requests.length = 0
  await server.settle()
  t.equal(roots(world.requests).length, 1)
  t.same(server.traces.counts(), { sent: 1, lost: 1, failing: false })
})

t.test('traces that the collector refuses are not sent again, and hold up no others', async (t) => {
  const world = await openTraces(t)
  world.answer = () => ({ status: 400 })
  await world.joins('a')
  const server = world.server()
  await server.settle()
  world.answer = () => ({ status: 200 })
  await world.joins('b')
  await server.settle()
  t.equal(world.requests.length, 2)
  t.same(server.traces.counts(), { sent: 1, lost: 1, failing: false })
  t.match(world.log, 'the collector refused traces')
})

t.test('an answer that comes late, when the server has ended, changes nothing', async (t) => {
  const world = await openTraces(t)
  await world.joins('a')
  const stop = new AbortController()
  world.answer = () => {
    stop.abort()
    return { status: 200 }
  }
  const { traces } = world.server()
  await traces.start(stop.signal)
  t.equal(world.requests.length, 1)
  world.answer = () => ({ status: 200 })
  await world.server().settle()
  t.equal(world.requests.length, 2, 'sent again, under the same ids')
  t.same(world.requests[0], world.requests[1])
})

t.test('without a collector nothing is read or sent', async (t) => {
  const traces = new Traces({ collector: undefined } as never)
  await traces.start(new AbortController().signal)
  traces.nudge()
  t.equal(traces.counts(), undefined)
})
