import type { Changed, Enrolment, EventsQuery } from '@joinery/protocol'
import { allDone } from '@joinery/testing/clocks/all-done'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { budgets } from '../../../src/core/base/budgets.ts'
import { systemMonotonic } from '../../../src/core/base/clock.ts'
import { systemRandom } from '../../../src/core/base/random.ts'
import { ChangeStream } from '../../../src/features/events/change-stream.ts'

interface Heard {
  id?: string
  event?: string
  data: Partial<Changed>
}

/** A stream of enrolments that are as the test says, and readers of it. */
const open = (t: Test, over: Partial<typeof budgets.events> = {}) => {
  const world = { enrolments: new Map<string, Enrolment>(), leads: true, settled: async () => {} }
  const alive = setInterval(() => {}, 1_000)
  const stop = new AbortController()
  t.teardown(() => {
    clearInterval(alive)
    stop.abort()
  })
  const stream = new ChangeStream({
    read: async (id) => world.enrolments.get(id),
    settled: () => world.settled(),
    leadership: () => ({ holds: () => world.leads }),
    random: systemRandom,
    monotonic: systemMonotonic,
    budget: { ...budgets.events, gather: 1, ...over }
  })
  const set = (id: string, part: Partial<Enrolment> = {}): void => {
    world.enrolments.set(id, { ...(anEnrolment(id) as unknown as Enrolment), ...part })
    stream.take({ place: 1, change: { enrolments: [anEnrolment(id)] } })
  }
  const follow = (query: EventsQuery = {}, after?: string) => {
    const gone = new AbortController()
    const text = stream.follow(query, after, AbortSignal.any([gone.signal, stop.signal]))[Symbol.asyncIterator]()
    const next = async (): Promise<Heard | 'over'> => {
      const { value, done } = await text.next()
      return done ? 'over' : heardIn(value)
    }
    return { next, leave: () => gone.abort() }
  }
  return { world, stream, set, follow }
}

const heardIn = (text: string): Heard => {
  const fields = Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/: (.*)/s, 2))
  )
  return { ...fields, data: JSON.parse(fields.data ?? '{}') }
}
const idsIn = (heard: Heard | 'over') => (heard === 'over' ? heard : heard.data.enrolments?.map(({ id }) => id))
const placeOf = (heard: Heard | 'over') => (heard === 'over' ? undefined : heard.id)

t.test('each change is told after the stream began, as it is when it is told', async (t) => {
  const { set, follow, world } = open(t)
  const reader = follow()
  t.match(await reader.next(), { event: 'begin', id: /^[0-9a-f]{16}\.0$/ })
  set('a', { state: 'pending' })
  set('b')
  set('a', { state: 'approved' })
  const told = await reader.next()
  t.match(told, {
    event: 'changed',
    id: /\.3$/,
    data: { enrolments: [{ id: 'a', state: 'approved' }, { id: 'b' }], gone: { length: 0 } }
  })
  set('b')
  world.enrolments.delete('b')
  t.match(await reader.next(), { event: 'changed', data: { enrolments: { length: 0 }, gone: ['b'] } }, 'it was deleted')
})

t.test('nothing is told before whatever looks different is noted', async (t) => {
  const { world, follow } = open(t)
  const { promise, resolve } = Promise.withResolvers<void>()
  world.settled = () => promise
  let hasBegun = false
  const began = follow()
    .next()
    .then(() => {
      hasBegun = true
    })
  await allDone()
  t.notOk(hasBegun)
  resolve()
  await began
})

t.test('a reader goes on after a cut from its place', async (t) => {
  const { set, follow } = open(t)
  const reader = follow()
  await reader.next()
  set('a')
  const place = placeOf(await reader.next())
  reader.leave()
  t.equal(await reader.next(), 'over')
  set('b')
  set('c')
  set('b')
  const again = follow({}, place)
  t.equal(placeOf(await again.next()), undefined, 'the begin has no place: something is left to tell')
  t.same(idsIn(await again.next()), ['c', 'b'])
  const nothing = follow({}, placeOf(await nextOf(follow(), set)))
  t.match(await nothing.next(), { event: 'begin', id: /\.\d+$/ })
})

/** The next word of a reader that is told of a change. */
const nextOf = async ({ next }: { next: () => Promise<Heard | 'over'> }, set: (id: string) => void) => {
  await next()
  set('z')
  return next()
}

t.test('a reader whose place is not known any more has to look at all', async (t) => {
  const { set, follow } = open(t, { remembered: 2 })
  const place = placeOf(await follow().next()) ?? ''
  for (const id of ['a', 'b', 'c']) set(id)
  for (const after of [place, 'of-another-process.1', `${place.split('.')[0]}.999`, 'nonsense', '']) {
    const reader = follow({}, after)
    t.match(await reader.next(), { event: 'reset', id: /\.\d+$/ }, after)
    set('a')
    t.same(idsIn(await reader.next()), ['a'], 'and goes on from there')
    set('b')
    set('c')
  }
})

t.test('a place of another process is not known, also if this one has the number', async (t) => {
  const { set, follow } = open(t)
  set('a')
  set('b')
  t.match(await follow({}, `${'0'.repeat(16)}.1`).next(), { event: 'reset', id: /\.2$/ })
})

t.test('a reader that takes nothing costs ids, and too many of them are a look at all', async (t) => {
  const { set, follow } = open(t, { remembered: 3 })
  const reader = follow()
  await reader.next()
  for (let number = 0; number < 50; number += 1) set(`e${number}`)
  t.match(await reader.next(), { event: 'reset', id: /\.50$/ })
  set('a')
  t.same(idsIn(await reader.next()), ['a'])
})

t.test('a part of what is due has no place, so whoever is cut there gets the rest', async (t) => {
  const { set, follow } = open(t, { batch: 2 })
  const reader = follow()
  const begun = await reader.next()
  for (const id of ['a', 'b', 'c']) set(id)
  const part = await reader.next()
  t.same([idsIn(part), placeOf(part)], [['a', 'b'], undefined])
  t.same(idsIn(await reader.next()), ['c'])
  const again = follow({}, placeOf(begun))
  await again.next()
  t.same(idsIn(await again.next()), ['a', 'b'])
})

t.test('only what is asked for is told, and that it is so no more', async (t) => {
  const { set, follow } = open(t)
  const [pending, worker] = [follow({ state: 'pending' }), follow({ name: 'node-1', role: 'worker', code: 'c' })]
  await Promise.all([pending.next(), worker.next()])
  const fits = { name: 'node-1', role: 'worker', code: 'c' } as const
  set('a', { ...fits, state: 'pending' })
  t.same(idsIn(await pending.next()), ['a'])
  t.same(idsIn(await worker.next()), ['a'])
  for (const other of [{ name: 'node-2' }, { role: 'control-plane' }, { code: 'd' }] as const) {
    set('b', { ...fits, ...other, state: 'approved' })
    await pending.next()
  }
  set('a', { ...fits, state: 'approved' })
  t.match(await pending.next(), { data: { enrolments: { length: 0 }, gone: ['a'] } })
  t.same(idsIn(await worker.next()), ['a'], 'of the others it heard nothing')
})

t.test('a stream is never silent for long', async (t) => {
  const { follow } = open(t, { heartbeat: 1 })
  const reader = follow()
  await reader.next()
  t.same(await reader.next(), { ':': undefined, data: {} }, 'a comment')
})

t.test('as many follow as may, and whoever leaves makes room', async (t) => {
  const { stream, follow } = open(t, { readers: 2 })
  t.notOk(stream.isFollowed)
  const [one] = [follow(), follow()]
  t.throws(() => follow(), { code: 'too-many-requests', retryAfter: 5 })
  one.leave()
  t.match(await follow().next(), { event: 'begin' })
  t.ok(stream.isFollowed)
})

t.test('a server that is not the active one any more tells nothing', async (t) => {
  const { set, follow, world } = open(t)
  const reader = follow()
  await reader.next()
  world.leads = false
  set('a')
  t.equal(await reader.next(), 'over')
})
