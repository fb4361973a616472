import { ProblemError } from '@joinery/protocol'
import { allDone } from '@joinery/testing/clocks/all-done'
import { enrolment } from '@joinery/testing/command/fixtures'
import t from 'tap'
import type { ConsoleEvent } from '../../src/console/contract.ts'
import { Looks } from '../../src/console/looks.ts'
import { Following, type Told } from '../../src/follow/following.ts'
import { problemAnswer } from '../../src/kubernetes/problem-answer.ts'
import type { SeenEnrolment } from '../../src/operator-client.ts'

/** `count` machines that wait. */
const machines = (count: number): SeenEnrolment[] =>
  Array.from({ length: count }, (_, index) => ({ ...enrolment, id: `e${index}`, name: `node-${index}` }))

/** Looks at a server that tells what the test says, and whose pauses last until the test says `pass`. */
const open = (items: SeenEnrolment[]) => {
  const state = { items, fails: undefined as Error | undefined, begun: 0, open: 0 }
  const pauses: { milliseconds: number; over: () => void }[] = []
  let told = Promise.withResolvers<Told<SeenEnrolment>>()
  const next = async (): Promise<Told<SeenEnrolment>> => {
    const one = await told.promise
    told = Promise.withResolvers()
    return one
  }
  async function* source(signal: AbortSignal): AsyncGenerator<Told<SeenEnrolment>> {
    if (state.fails !== undefined) throw state.fails
    state.begun += 1
    state.open += 1
    const closed = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    closed.catch(() => undefined)
    try {
      yield { type: 'whole', items: state.items }
      for (;;) yield await Promise.race([next(), closed])
    } finally {
      state.open -= 1
    }
  }
  const looks = new Looks({
    follow: async () => new Following(source),
    pause: (milliseconds) => new Promise((resolve) => pauses.push({ milliseconds, over: resolve })),
    now: () => new Date('2026-11-25T12:00:00Z'),
    told: (text) => text
  })
  /** Ends every pause of so many milliseconds. */
  const pass = async (milliseconds = 1000) => {
    await allDone()
    for (const pause of pauses.splice(0)) {
      if (pause.milliseconds === milliseconds) pause.over()
      else pauses.push(pause)
    }
    await allDone()
  }
  /** The server tells of a change. */
  const tell = async (changed: SeenEnrolment[], gone: string[] = []) => {
    told.resolve({ type: 'changed', items: changed, gone })
    await allDone()
  }
  /** The server goes away for this reason. */
  const fail = async (error: Error) => {
    state.fails = error
    told.reject(error)
    told.promise.catch(() => undefined)
    told = Promise.withResolvers()
    await allDone()
  }
  const hear = () => {
    const events: ConsoleEvent[] = []
    const listener = { hear: (text: string) => void events.push(JSON.parse(text)), end: () => {} }
    return { events, ignore: looks.hear(listener) }
  }
  return { state, looks, pass, tell, fail, hear }
}

t.test('a page hears that it must look, and then each change with its row', async (t) => {
  const { tell, hear } = open(machines(3))
  const { events } = hear()
  await allDone()
  t.same(events.splice(0), [
    { type: 'look', look: 0 },
    { type: 'look', look: 1 }
  ])
  const [, second] = machines(3)
  await tell(
    [
      { ...(second as SeenEnrolment), state: 'approved' },
      { ...enrolment, id: 'new', name: 'node-9' }
    ],
    ['e0']
  )
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
  await tell(machines(3).slice(2), ['unknown'])
  t.same(events, [], 'nothing changed')
})

t.test('too many changes for one event are a look', async (t) => {
  const { tell, hear } = open(machines(300))
  const { events } = hear()
  await allDone()
  events.splice(0)
  const some = (count: number, part: Partial<SeenEnrolment>) =>
    machines(300).map((one, index) => (index < count ? { ...one, ...part } : one))
  await tell(some(200, { state: 'approved' }))
  t.match(events.splice(0), [{ type: 'changed' }])
  await tell(some(201, { state: 'joining' }))
  t.same(events.splice(0), [{ type: 'look', look: 3 }])
  await tell(some(150, { state: 'joining', message: 'x'.repeat(5000) }).slice(0, 150))
  t.same(events.splice(0), [{ type: 'look', look: 4 }], 'their text is too long')
})

t.test('pages share one stream, which ends some time after the last of them', async (t) => {
  const { state, hear, looks, pass } = open(machines(1))
  const [one, other] = [hear(), hear()]
  await allDone()
  t.same([state.begun, state.open], [1, 1])
  one.ignore()
  other.ignore()
  t.equal((await looks.all()).items.length, 1, 'a page that is loaded again finds all there')
  t.same([state.begun, state.open], [1, 1])
  await pass(30_000)
  t.equal(state.open, 0, 'nobody listens, and nobody is asked')
  hear()
  await allDone()
  t.same([state.begun, state.open], [2, 1], 'a new page begins again')
})

t.test('a list is answered as it is now, also if no page listens', async (t) => {
  const { state, tell, looks } = open(machines(2))
  t.match(await looks.all(), { look: 1, items: [{ id: 'e0' }, { id: 'e1' }] })
  await tell([], ['e1'])
  t.match(await looks.all(), { look: 2, items: [{ id: 'e0' }] })
  t.equal(state.begun, 1)
  looks.end('over')
})

t.test('after a deed every page hears what it did, and no list is from before it', async (t) => {
  const { looks, hear, tell } = open(machines(1))
  const { events } = hear()
  await allDone()
  events.splice(0)
  const approved: SeenEnrolment = { ...enrolment, id: 'e0', name: 'node-0', state: 'approved' }
  looks.took(approved)
  t.match(events.splice(0), [{ type: 'changed', rows: [{ id: 'e0', state: 'approved' }] }])
  t.match((await looks.all()).items, [{ state: 'approved' }])
  await tell([approved])
  t.same(events, [], 'the server tells of it too, and it is no news')
})

t.test('a server that goes away is told once, and its return with a look', async (t) => {
  const { state, pass, hear, looks, fail } = open(machines(1))
  const { events } = hear()
  await allDone()
  events.splice(0)
  await fail(new ProblemError('internal'))
  await pass()
  t.match(events.splice(0), [{ type: 'away', since: '2026-11-25T12:00:00.000Z', problem: { code: 'internal' } }])
  await t.rejects(looks.all(), ProblemError)
  state.fails = undefined
  await pass()
  t.same(events.splice(0), [{ type: 'back' }, { type: 'look', look: 1 }])
})

t.test('a page that comes while the server is away is told so, and another cause is told too', async (t) => {
  const { state, pass, hear, fail } = open(machines(1))
  const first = hear()
  await allDone()
  await fail(new ProblemError('internal'))
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
  const { state, tell, looks, hear } = open(machines(1))
  const [one, other] = [hear(), hear()]
  await allDone()
  looks.end('its lifetime is over')
  await tell([], ['e0'])
  for (const { events } of [one, other]) t.same(events.at(-1), { type: 'end', reason: 'its lifetime is over' })
  t.equal(state.open, 0)
})
