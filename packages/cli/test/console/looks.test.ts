import { ProblemError } from '@joinery/protocol'
import { allDone } from '@joinery/testing/clocks/all-done'
import { enrolment } from '@joinery/testing/command/fixtures'
import t from 'tap'
import type { ConsoleEvent } from '../../src/console/contract.ts'
import { Looks } from '../../src/console/looks.ts'
import { problemAnswer } from '../../src/kubernetes/problem-answer.ts'
import type { SeenEnrolment } from '../../src/operator-client.ts'

/** `count` machines that wait. */
const machines = (count: number): SeenEnrolment[] =>
  Array.from({ length: count }, (_, index) => ({ ...enrolment, id: `e${index}`, name: `node-${index}` }))

/** Looks whose pauses last until the test says `pass`. */
const open = (items: SeenEnrolment[]) => {
  const state = { items, fails: undefined as Error | undefined, asked: 0, now: 0, took: 10 }
  const pauses: { milliseconds: number; pass: () => void }[] = []
  const looks = new Looks({
    list: async () => {
      state.asked += 1
      state.now += state.took
      if (state.fails !== undefined) throw state.fails
      return { items: state.items }
    },
    pause: (milliseconds) => new Promise((resolve) => pauses.push({ milliseconds, pass: resolve })),
    monotonic: () => state.now,
    now: () => new Date('2026-11-25T12:00:00Z'),
    told: (text) => text
  })
  const pass = async () => {
    await allDone()
    const { milliseconds, pass } = pauses.shift() ?? { milliseconds: 0, pass: () => {} }
    state.now += milliseconds
    pass()
    await allDone()
  }
  const hear = () => {
    const events: ConsoleEvent[] = []
    const listener = { hear: (text: string) => void events.push(JSON.parse(text)), end: () => {} }
    return { events, ignore: looks.hear(listener) }
  }
  return { state, pauses, looks, pass, hear }
}

t.test('a page hears that it must look, and then each change with its row', async (t) => {
  const { state, pass, hear } = open(machines(3))
  const { events } = hear()
  await allDone()
  t.same(events.splice(0), [
    { type: 'look', look: 0 },
    { type: 'look', look: 1 }
  ])
  const [, second, third] = machines(3)
  state.items = [
    { ...(second as SeenEnrolment), state: 'approved' },
    third as SeenEnrolment,
    { ...enrolment, id: 'new', name: 'node-9' }
  ]
  await pass()
  t.match(events.splice(0), [
    {
      type: 'changed',
      look: 2,
      rows: [
        { id: 'e1', state: 'approved' },
        { id: 'new', name: 'node-9' }
      ],
      gone: ['e0'],
      counts: { pending: 2, approved: 1, ready: 0 }
    }
  ])
  await pass()
  t.same(events, [], 'nothing changed')
})

t.test('too many changes for one event are a look', async (t) => {
  const { state, pass, hear } = open(machines(300))
  const { events } = hear()
  await pass()
  events.splice(0)
  state.items = machines(300).map((one, index) => (index < 200 ? { ...one, state: 'approved' } : one))
  await pass()
  t.match(events.splice(0), [{ type: 'changed' }])
  state.items = machines(300).map((one, index) => (index < 201 ? { ...one, state: 'joining' } : one))
  await pass()
  t.same(events.splice(0), [{ type: 'look', look: 3 }])
  state.items = state.items.map((one, index) => (index < 150 ? { ...one, message: 'x'.repeat(5000) } : one))
  await pass()
  t.same(events.splice(0), [{ type: 'look', look: 4 }], 'their text is too long')
})

t.test('pages share the looks, and a pause is nine times as long as a look', async (t) => {
  const { state, pauses, pass, hear } = open(machines(1))
  const [one, other] = [hear(), hear()]
  await allDone()
  t.equal(state.asked, 1)
  t.equal(pauses[0]?.milliseconds, 1000)
  state.took = 500
  await pass()
  t.equal(state.asked, 2)
  t.equal(pauses[0]?.milliseconds, 4500)
  one.ignore()
  await pass()
  t.equal(state.asked, 3, 'one page still listens')
  other.ignore()
  await pass()
  await pass()
  t.equal(state.asked, 3, 'nobody listens, and nobody is asked')
  hear()
  await allDone()
  t.equal(state.asked, 4, 'a new page begins again')
})

t.test('a list is answered from a look that is not old', async (t) => {
  const { state, looks } = open(machines(2))
  t.match(await looks.all(), { look: 1, items: [{ id: 'e0' }, { id: 'e1' }] })
  await looks.all()
  t.equal(state.asked, 1)
  state.now += 1000
  state.items = machines(1)
  t.match(await looks.all(), { look: 2, items: [{ id: 'e0' }] })
  t.equal(state.asked, 2)
})

t.test('after a deed no look from before it is answered, also none that was under way', async (t) => {
  const { state, looks } = open(machines(1))
  const before = looks.all()
  state.items = machines(2)
  looks.changed()
  const after = looks.all()
  t.equal((await before).items.length, 1)
  t.equal((await after).items.length, 2)
  t.equal(state.asked, 2)
  state.items = machines(3)
  looks.changed()
  t.equal((await looks.all()).items.length, 3, 'nor one that would be fresh')
})

t.test('a deed wakes the looks, so that every page hears of it at once', async (t) => {
  const { state, looks, hear } = open(machines(1))
  const { events } = hear()
  await allDone()
  events.splice(0)
  state.items = [{ ...enrolment, id: 'e0', name: 'node-0', state: 'approved' }]
  looks.changed()
  await allDone()
  t.match(events, [{ type: 'changed', rows: [{ id: 'e0', state: 'approved' }] }])
})

t.test('a server that goes away is told once, and its return with a look', async (t) => {
  const { state, pass, hear, looks } = open(machines(1))
  const { events } = hear()
  await allDone()
  events.splice(0)
  state.fails = new ProblemError('internal')
  await pass()
  await pass()
  t.match(events.splice(0), [{ type: 'away', since: '2026-11-25T12:00:00.000Z', problem: { code: 'internal' } }])
  await t.rejects(looks.all(), ProblemError)
  state.fails = undefined
  await pass()
  t.same(events.splice(0), [{ type: 'back' }, { type: 'look', look: 1 }])
})

t.test('a page that comes while the server is away is told so, and another cause is told too', async (t) => {
  const { state, pass, hear } = open(machines(1))
  const first = hear()
  await allDone()
  state.fails = new ProblemError('internal')
  await pass()
  const { events } = hear()
  const since = '2026-11-25T12:00:00.000Z'
  t.match(events.splice(0), [{ type: 'look' }, { type: 'away', since, problem: { code: 'internal' } }])
  state.fails = problemAnswer('not-active', { detail: 'https://cp2:7443 is' })
  await pass()
  await pass()
  const told = [{ type: 'away', since, problem: { code: 'not-active', detail: 'https://cp2:7443 is' } }]
  t.match(events, told)
  t.match(first.events.slice(-1), told, 'all pages hear it')
})

t.test('the end is told to all pages, and is the last event', async (t) => {
  const { state, pass, looks, hear } = open(machines(1))
  const [one, other] = [hear(), hear()]
  await allDone()
  looks.end('its lifetime is over')
  state.items = []
  await pass()
  for (const { events } of [one, other]) t.same(events.at(-1), { type: 'end', reason: 'its lifetime is over' })
})
