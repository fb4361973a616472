import { day, hour, minute, ProblemError } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import type { Change, CommitResult } from '../../../src/core/ports/store/change.ts'
import type { ReceiverDocument } from '../../../src/core/ports/store/notice-queue.ts'
import { openNotices, relay } from './webhooks-fixture.ts'

const down = async () => ({ status: 500 })
const dead = { waiting: 1, kept: 3 }

t.test('what happened before a receiver was configured is not told, and what happens afterwards is', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  await world.happens('a', 'progress')
  await world.happens('b')
  await world.server().settle()
  t.same(
    world.got.map(({ type, data }) => [type, data.enrolment]),
    [
      ['enrolment.pending', 'a'],
      ['enrolment.pending', 'b']
    ]
  )
  await world.server().settle()
  t.equal(world.got.length, 2, 'each once')
  const other = { ...relay, name: 'other' }
  await world.server({}, other).settle()
  t.equal(world.got.length, 2)
})

t.test('crash before a notice is queued: the next server queues it', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  const crashed = world.server({ commit: async () => Promise.reject(new Error('the power was cut')) })
  await t.rejects(crashed.read(), /power/)
  t.same(await world.store.notices.waiting('relay'), {})
  await world.server().settle()
  t.equal(world.got.length, 1)
})

t.test('crash after a notice was queued: the next server sends it, and does not queue it again', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  await world.server().read()
  const next = world.server()
  await next.read()
  t.same(await world.store.notices.waiting('relay'), { pending: 1 })
  await next.settle()
  t.equal(world.got.length, 1)
})

t.test('crash after a receiver took a notice: it gets the notice again, under the same id', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  const crashed = world.server()
  await crashed.read()
  const dying = world.server({ commit: async () => Promise.reject(new Error('the power was cut')) })
  await t.rejects(dying.tryOnce(), /power/)
  await world.server().settle()
  t.equal(world.got.length, 2)
  t.equal(world.got[0]?.id, world.got[1]?.id)
  t.same(world.got[0], world.got[1], 'and with the same bytes')
})

t.test('a commit of which nobody knows whether it was done neither loses nor doubles a notice', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  const lost = world.server({
    commit: async (change: Change): Promise<CommitResult> => {
      await world.store.commit(change)
      throw new ProblemError('store-unavailable', { detail: 'no answer' })
    }
  })
  await t.rejects(lost.read(), /no answer/)
  await lost.read()
  t.same(await world.store.notices.waiting('relay'), { pending: 1 })
})

t.test('a notice that the store did not take is made again by the same server', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  let isFull = true
  const server = world.server({
    commit: async (change: Change): Promise<CommitResult> => {
      if (isFull) throw new ProblemError('store-full')
      return world.store.commit(change)
    }
  })
  await t.rejects(server.read(), { code: 'store-full' })
  isFull = false
  await server.settle()
  t.match(world.got, [{ type: 'enrolment.pending' }])
})

t.test('a receiver whose place the store does not have goes on from the end, with an alert', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  const state = (await world.store.notices.receiver('relay')) as ReceiverDocument
  await world.store.commit({ queue: { receivers: [{ ...state, place: 1_000_000 }] } })
  await world.server().settle()
  t.match(
    world.got,
    [{ data: { event: 'receiver-ahead', next: 'joinery webhook list' } }],
    'it is told of what it missed'
  )
  await world.happens('b')
  await world.server().settle()
  t.match(world.got[1], { data: { enrolment: 'b' } })
  t.equal((await world.store.alerts(new Date(0), 10)).count, 1, 'once')
})

t.test('twin: two servers that read at the same time queue each event once', async (t) => {
  const world = await openNotices(t)
  for (const id of ['a', 'b', 'c']) await world.happens(id)
  const [one, two] = [world.server(), world.server()]
  await Promise.all([one.read(), two.read(), one.read()])
  t.same(await world.store.notices.waiting('relay'), { pending: 3 })
  await Promise.all([one.settle(), two.settle()])
  t.equal(new Set(world.got.map(({ id }) => id)).size, 3, 'three notices, whoever sent them')
  t.same(await world.store.notices.waiting('relay'), {})
})

t.test('an answer that comes late, when the server has ended, changes nothing', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  const { webhooks, read } = world.server()
  await read()
  const stop = new AbortController()
  world.answer = async (_, signal) => {
    stop.abort()
    t.equal(signal.aborted, true, 'the try is cut')
    return { failure: 'cut' }
  }
  await webhooks.start(stop.signal)
  t.match(await world.store.notices.next('relay'), { tries: 0 }, 'it was no failure of the receiver')
  world.answer = async () => ({ status: 200 })
  await world.server().settle()
  t.same(await world.store.notices.waiting('relay'), {})
})

t.test('an answer that comes late, after an operator sent again, counts for the try that it answers', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  const server = world.server()
  await server.read()
  world.answer = async () => {
    await world.server().webhooks.resend({})
    return { status: 500 }
  }
  t.equal(await server.tryOnce(), 0)
  t.match(await world.store.notices.next('relay'), { tries: 1 })
  t.match(await server.webhooks.counts(), [{ failing: { times: 1, reason: 'answered 500' } }])
})

t.test('a receiver that is down costs a try in five minutes, and then gets everything', async (t) => {
  const world = await openNotices(t)
  world.answer = down
  for (let number = 0; number < 20; number += 1) await world.happens(`m${number}`)
  const server = world.server()
  await server.settle()
  t.equal(world.got.length, 1, 'one failure stops the others')
  for (let passed = 0; passed < hour; passed += minute) {
    world.clock.advance(minute)
    await server.settle()
  }
  t.ok(world.got.length <= 20, `${world.got.length} tries in an hour`)
  t.match(await server.webhooks.counts(), [{ waiting: 20, sent: 0, dead: 0, failing: { reason: 'answered 500' } }])
  t.equal(world.log.split('did not take a notice').length - 1, 1, 'the log has it once')
  world.answer = async () => ({ status: 200 })
  world.clock.advance(5 * hour)
  const tried = world.got.length
  await server.settle()
  t.equal(world.got.length - tried, 20)
  t.match(await server.webhooks.counts(), [{ waiting: 0, dead: 0 }])
  t.equal((await server.webhooks.counts())[0]?.failing, undefined)
  t.match(world.log, 'takes notices again')
})

t.test(
  'what nobody took for a day is kept apart, counted, told, and sent again when an operator says so',
  async (t) => {
    const world = await openNotices(t)
    world.answer = down
    await world.happens('a')
    const server = world.server()
    for (let passed = 0; passed < 2 * day; passed += hour) {
      await server.settle()
      world.clock.advance(hour)
    }
    t.match(await server.webhooks.counts(), [{ waiting: 0, dead: 1, lost: 0 }])
    t.match(await server.webhooks.list(), {
      items: [
        {
          name: 'relay',
          receiver: 'https://relay.example',
          notDelivered: [{ id: world.got[0]?.id, type: 'enrolment.pending', tries: 8, reason: 'answered 500' }]
        }
      ]
    })
    t.notMatch(JSON.stringify(await server.webhooks.list()), 'secret-path', 'the path may be a secret')
    t.match(world.log, 'gave a notice up')
    world.answer = async () => ({ status: 200 })
    const tried = world.got.length
    await server.settle()
    t.equal(world.got.length, tried, 'nothing is sent by itself any more')
    t.same(await server.webhooks.resend({ name: 'relay' }), { items: [{ name: 'relay', count: 1 }] })
    await server.settle()
    t.equal(world.got.length, tried + 1)
    t.equal(world.got.at(-1)?.id, world.got[0]?.id, 'under the same id')
    t.match(await server.webhooks.counts(), [{ waiting: 0, dead: 0 }])
    t.equal((await server.webhooks.counts())[0]?.failing, undefined)
  }
)

t.test('only so many notices are kept that nobody took, and the others are counted', async (t) => {
  const world = await openNotices(t, { waiting: 10, kept: 3 })
  world.answer = down
  for (let number = 0; number < 5; number += 1) await world.happens(`m${number}`)
  const server = world.server()
  for (let passed = 0; passed < 2 * day; passed += 10 * minute) {
    await server.settle()
    world.clock.advance(10 * minute)
  }
  t.match(await server.webhooks.counts(), [{ waiting: 0, dead: 3, lost: 2 }])
  t.equal((await world.store.notices.dead('relay')).length, 3)
})

t.test('410 ends a receiver at once, and an operator, or another URL, begins again', async (t) => {
  const world = await openNotices(t, dead)
  world.answer = async () => ({ status: 410 })
  await world.happens('a')
  await world.happens('b', 'give-up')
  const server = world.server()
  await server.settle()
  t.equal(world.got.length, 1)
  const [counts] = await server.webhooks.counts()
  t.match(counts, { waiting: 0, dead: 2 })
  t.ok(counts?.gone)
  await world.happens('c')
  world.clock.advance(day)
  await server.settle()
  t.equal(world.got.length, 1, 'nothing more is sent')
  t.match(await server.webhooks.counts(), [{ waiting: 0, dead: 2, lost: 1 }])
  world.answer = async () => ({ status: 200 })
  const moved = world.server({}, { ...relay, url: new URL('https://other.example/') })
  await world.happens('d')
  await moved.settle()
  t.equal(world.got.at(-1)?.data.enrolment, 'd')
  t.equal((await server.webhooks.resend({})).items[0]?.count, 2)
  t.equal((await server.webhooks.counts())[0]?.gone, undefined)
  await server.settle()
  t.same(
    world.got
      .slice(-2)
      .map(({ data }) => data.enrolment)
      .sort(),
    ['a', 'b']
  )
})

t.test('a receiver that was gone at another URL loses nothing when one notice is given up', async (t) => {
  const world = await openNotices(t)
  world.answer = async () => ({ status: 410 })
  await world.happens('a')
  await world.server().settle()
  const moved = world.server({}, { ...relay, url: new URL('https://other.example/') })
  world.answer = down
  await world.happens('b')
  await moved.settle()
  world.clock.advance(day)
  await world.happens('c')
  await moved.settle()
  t.match(await moved.webhooks.counts(), [{ waiting: 1, dead: 2 }])
})

t.test('5,000 machines that enrol at once are some notices, and one that says how many more', async (t) => {
  const world = await openNotices(t)
  world.answer = down
  const server = world.server()
  await server.settle()
  const at = world.clock.now().toISOString()
  await Promise.all(
    Array.from({ length: 5_000 }, (_, number) =>
      world.store.commit({
        entries: [
          { subject: `m${number}`, entry: { at, actor: 'agent', event: 'labels-refused', detail: '', alert: true } }
        ]
      })
    )
  )
  await world.happens('a', 'give-up')
  await server.settle()
  t.same(await world.store.notices.waiting('relay'), { alert: 101, failed: 1 })
  world.answer = async () => ({ status: 200 })
  world.clock.advance(hour)
  await server.settle()
  const told = world.got.slice(1)
  t.equal(told.length, 102)
  const collapsed = told.filter(({ type }) => type === 'notices.collapsed')
  t.match(collapsed, [{ data: { type: 'alert.raised', count: 4_900, next: 'joinery status' } }])
  t.equal(told.findIndex(({ type }) => type === 'notices.collapsed') > 100 - 1, true, 'after those that came before it')
})

t.test('a notice that stands for several grows until it is tried, and is one notice at each try', async (t) => {
  const world = await openNotices(t, { waiting: 1, kept: 100 })
  world.answer = down
  const server = world.server()
  await server.settle()
  for (const id of ['a', 'b', 'c']) await world.happens(id)
  await server.settle()
  await world.happens('d')
  await server.settle()
  t.same(await world.store.notices.waiting('relay'), { pending: 2 })
  world.answer = async () => {
    // meanwhile the first one is gone, and the other one is tried
    world.answer = down
    return { status: 200 }
  }
  world.clock.advance(hour)
  await server.settle()
  const [tried] = world.got.slice(-1)
  t.match(tried, { type: 'notices.collapsed', data: { count: 3 } })
  await world.happens('e')
  await server.settle()
  world.answer = async () => ({ status: 200 })
  world.clock.advance(hour)
  await server.settle()
  t.same(
    world.got.filter(({ id }) => id === tried?.id).map(({ data }) => data.count),
    [3, 3],
    'the same each time'
  )
  t.match(await server.webhooks.counts(), [{ waiting: 0, dead: 0, lost: 0 }])
})

t.test('entries without a notice cost no commit, but now and then', async (t) => {
  const world = await openNotices(t)
  let commits = 0
  const server = world.server({
    commit: (change) => {
      commits += 1
      return world.store.commit(change)
    }
  })
  for (let number = 0; number < 30; number += 1) {
    await world.happens('a', 'progress')
    await server.settle()
  }
  t.equal(commits, 0)
  const at = world.clock.now().toISOString()
  const entry = { at, actor: 'server', event: 'labelled', detail: '', alert: false }
  await world.store.commit({
    entries: Array.from({ length: 2_500 }, (_, number) => ({ subject: `s${number}`, entry }))
  })
  await server.settle()
  t.ok(commits >= 1 && commits <= 3, `${commits} commits`)
})

t.test('an event of long ago is not told, but counted', async (t) => {
  const world = await openNotices(t)
  await world.happens('a')
  world.clock.advance(2 * day)
  await world.happens('b')
  const server = world.server()
  await server.settle()
  t.same(
    world.got.map(({ data }) => data.enrolment),
    ['b']
  )
  t.match(await server.webhooks.counts(), [{ lost: 1 }])
})

t.test('a receiver that is no longer configured is forgotten, with what waits for it', async (t) => {
  const world = await openNotices(t)
  world.answer = down
  await world.happens('a')
  await world.server().settle()
  const stop = new AbortController()
  stop.abort()
  await world.server({}, { ...relay, name: 'other' }).webhooks.start(stop.signal)
  t.same(await world.store.notices.receivers(), [])
  t.same(await world.store.notices.waiting('relay'), {})
})

t.test('a sample goes past the queue, and says what the receiver answered', async (t) => {
  const world = await openNotices(t)
  const { webhooks } = world.server()
  t.same(await webhooks.test({}), { items: [{ name: 'relay', delivered: true, detail: 'took the sample' }] })
  t.match(world.got, [{ type: 'webhook.test' }])
  world.answer = async () => ({ status: 302 })
  t.match(await webhooks.test({ name: 'relay' }), {
    items: [{ delivered: false, detail: 'answered 302, and a redirect is not followed' }]
  })
  t.notMatch(await webhooks.counts(), [{ failing: {} }], 'a sample is no notice')
  await t.rejects(webhooks.test({ name: 'nobody' }), { code: 'not-found' })
  await t.rejects(webhooks.resend({ name: 'nobody' }), { code: 'not-found' })
})

t.test('trouble of the store is told once, and notices go on after it', async (t) => {
  const world = await openNotices(t)
  let [broken, tries] = [true, 0]
  const { webhooks } = world.server({
    notices: {
      ...world.store.notices,
      receiver: async (name) => {
        tries += 1
        if (broken) throw new ProblemError('store-unavailable', { detail: 'the disk is gone' })
        return world.store.notices.receiver(name)
      }
    }
  })
  const stop = new AbortController()
  const ended = webhooks.start(stop.signal)
  // its sleep keeps no process alive
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  await world.happens('a')
  for (let number = 0; number < 5; number += 1) {
    const before = tries
    webhooks.nudge()
    await eventually('it tries again', () => tries > before)
  }
  t.equal(world.log.split('notices wait for the store').length - 1, 1)
  broken = false
  webhooks.nudge()
  const taken = new Promise<void>((resolve) => {
    world.answer = async () => {
      resolve()
      return { status: 200 }
    }
  })
  await taken
  stop.abort()
  await ended
  t.equal(world.got.length, 1)
})
