import t from 'tap'
import { HeadSight, type Renewal } from '../../../../src/features/high-availability/log/head-sight.ts'
import type { Seen } from '../../../../src/features/high-availability/log/memory/memory.ts'
import { makeWorld, type TestServer, textsOf } from './log-fixture.ts'

const append = (world: ReturnType<typeof makeWorld>, { taken }: TestServer, name: string, text: string) =>
  world.clock.until(taken.appender.append([{ name, text }]))

const quiet = { debug: () => {}, warn: () => {} } as never

const sightIn = (world: ReturnType<typeof makeWorld>, kept?: Seen) => {
  const written: Seen[] = kept === undefined ? [] : [kept]
  const { objects, keys } = world.parts()
  const file = { read: async () => written.at(-1), write: async (seen: Seen) => void written.push(seen) }
  const sight = new HeadSight({ objects, keys, file, known: undefined, sleep: async () => {}, log: quiet })
  return { written, sight }
}

/** Nobody was seen to renew the Lease. */
const nobody = () => undefined

const grown = async (): Promise<{ world: ReturnType<typeof makeWorld>; server: TestServer }> => {
  const world = makeWorld()
  const server = await world.start()
  await append(world, server, 'x', '1')
  return { world, server }
}

t.test('a server that stands by remembers how far the log came, for the next process too', async (t) => {
  const { world, server } = await grown()
  const { sight, written } = sightIn(world)
  await world.clock.until(sight.look(nobody))
  const { log, number } = world.objects.head ?? { log: '', number: 0 }
  t.same(sight.seen?.logs, [{ log, number }])
  await world.clock.until(sight.look(nobody))
  t.same(written, [{ logs: [{ log, number }] }], 'it writes only what is new')
  await append(world, server, 'x', '2')
  await world.clock.until(sight.look(nobody))
  t.ok((sight.seen?.logs[0]?.number ?? 0) > number)
})

t.test('it never goes back, nor to a log that it does not know', async (t) => {
  const { world, server } = await grown()
  const early = world.objects.snapshot()
  await append(world, server, 'x', '2')
  const { sight } = sightIn(world)
  await world.clock.until(sight.look(nobody))
  const { seen } = sight
  world.objects.restore(early)
  await world.clock.until(sight.look(nobody))
  t.same(sight.seen, seen)
})

t.test('it remembers its last four logs, and a log that nobody was active on is not the newest of them', async (t) => {
  const { world } = await grown()
  const logs = ['e', 'd', 'c', 'b'].map((log) => ({ log, number: 7 }))
  const { sight } = sightIn(world, { logs })
  await sight.begin()
  await world.clock.until(sight.look(nobody))
  const { log, holder } = world.objects.head ?? { log: '', holder: '' }
  t.same(
    sight.seen?.logs.map((one) => one.log),
    ['e', 'd', 'c', log]
  )
  await world.clock.until(sight.look(() => ({ holder, at: '2026-11-27T12:00:00.000Z' })))
  t.same(
    sight.seen?.logs.map((one) => one.log),
    [log, 'e', 'd', 'c']
  )
})

t.test('a head is memory only if the server that claimed it was seen to renew the Lease', async (t) => {
  const { world } = await grown()
  const { sight, written } = sightIn(world)
  const { holder, hash, term } = world.objects.head ?? { holder: '', hash: '', term: 0 }
  const look = (by: string, seconds: number): Promise<void> =>
    world.clock.until(sight.look((): Renewal => ({ holder: by, at: new Date(seconds * 1000).toISOString() })))
  await look('one that has the Lease, and not the log', 0)
  t.equal(sight.seen?.logs[0]?.sight, undefined)
  await look(holder, 10)
  t.match(sight.seen?.logs[0]?.sight, { hash, term, at: '1970-01-01T00:00:10.000Z' })
  const writes = written.length
  await look(holder, 20)
  t.equal(written.length, writes, 'it does not write at each look')
  await look(holder, 40)
  t.match(written.at(-1)?.logs[0]?.sight, { at: '1970-01-01T00:00:40.000Z' }, 'the disk is never a minute behind')
})

t.test('whether the memory is fresh is noted before this host writes the Lease', async (t) => {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString()
  const batch = { number: 7, hash: 'h', term: 1, at: at(100), terms: [] }
  const kept = { logs: [{ log: 'a', number: 7, sight: batch }] }
  for (const [renewed, fresh] of [
    [41, true],
    [39, false],
    [160, true],
    [161, false]
  ] as const) {
    const { sight, written } = sightIn(makeWorld(), kept)
    await sight.begin()
    await sight.taking({ found: { renewed: at(renewed), acquired: at(1) }, acquired: at(500) })
    t.match(written.at(-1), { isFresh: fresh, took: at(500) }, `renewed at ${renewed}`)
    await sight.taking({ found: { renewed: at(502), acquired: at(500) }, acquired: at(600) })
    t.match(written.at(-1), { isFresh: fresh, took: at(600) }, 'its own Lease says nothing')
    await sight.taking({ found: undefined, acquired: at(700) })
    t.match(written.at(-1), { isFresh: false }, 'and one that is gone says nothing either')
  }
})

t.test('a host says that the log ends before what it has, at once, and until somebody has settled that', async (t) => {
  const { world, server } = await grown()
  const early = world.objects.snapshot()
  await append(world, server, 'x', '2')
  const { head } = world.objects.snapshot()
  const renewal = () => ({ holder: head?.holder ?? '', at: '2026-11-27T12:00:00.000Z' })
  const { sight } = sightIn(world)
  let said = 0
  const looks = async (): Promise<void> => {
    const stop = new AbortController()
    const looked = sight.follow(stop.signal, renewal, () => {
      said += 1
    })
    stop.abort()
    await world.clock.until(looked)
  }
  await looks()
  t.equal(sight.lost, undefined)
  world.objects.restore(early)
  await looks()
  const end = early.head?.number ?? 0
  t.same(sight.lost, { log: head?.log, number: head?.number, from: end + 1 })
  await looks()
  t.equal(said, 1)
  server.lease.holds = false
  const next = await world.start()
  await looks()
  t.same(
    sight.lost,
    { log: head?.log, number: head?.number, from: next.taken.own.number },
    'the log went on without it'
  )
  await world.clock.until(next.taken.settled({ restored: 'it was said' }))
  await looks()
  t.equal(sight.lost, undefined)
  t.equal(said, 3)
})

t.test('a log that cannot be read, is not there, or that somebody forged, says nothing', async (t) => {
  const world = makeWorld()
  const { sight, written } = sightIn(world)
  await world.clock.until(sight.look(nobody))
  const server = await world.start()
  await append(world, server, 'x', '1')
  world.fate = () => ({ is: 'refused' })
  await world.clock.until(sight.look(nobody))
  world.fate = () => ({ is: 'answered' })
  const { head } = world.objects.snapshot()
  world.objects.restore({ ...world.objects.snapshot(), head: head && { ...head, number: head.number + 1000 } })
  await world.clock.until(sight.look(nobody))
  t.same(written, [])
})

t.test('a host that only saw a log makes no new one in its place', async (t) => {
  const { world, server } = await grown()
  const { sight } = sightIn(world)
  await world.clock.until(sight.look(nobody))
  server.lease.holds = false
  world.objects.restore({ head: undefined, documents: new Map() })
  await t.rejects(world.start({ seen: sight.seen }), {
    code: 'log-other',
    message: /this host saw batch \d+ of log \S+, and the cluster has no log: .*--cluster.*--local/
  })
  t.equal(world.objects.head, undefined, 'and nothing is written')
})

t.test('a head that only a newer server can read is told of, until there is another', async (t) => {
  const { world } = await grown()
  const early = world.objects.snapshot()
  const { sight, written } = sightIn(world)
  world.objects.restore({ ...early, head: { ...early.head, format: 4 } as never })
  await world.clock.until(sight.look(nobody))
  t.match(sight.newer, /^a newer server wrote the head of the log \(format 4\): install that version/)
  t.same(written, [])
  world.fate = () => ({ is: 'refused' })
  await world.clock.until(sight.look(nobody))
  t.match(sight.newer, /format 4/, 'a look that fails says nothing')
  world.fate = () => ({ is: 'answered' })
  world.objects.restore(early)
  await world.clock.until(sight.look(nobody))
  t.equal(sight.newer, undefined)
})

t.test('a host that saw a later end does not take over a log that was restored', async (t) => {
  const { world, server } = await grown()
  const early = world.objects.snapshot()
  await append(world, server, 'x', '2')
  const { sight } = sightIn(world)
  await world.clock.until(sight.look(nobody))
  server.lease.holds = false
  world.objects.restore(early)
  const refused = world.start({ seen: sight.seen })
  await t.rejects(refused, {
    code: 'log-other',
    message: /this host saw batch \d+ of the log, and the cluster has only batch \d+/
  })
  t.same(world.objects.head, early.head, 'and nothing is written')
  t.same(textsOf(await world.start()), { x: '1' }, 'a host that saw nothing goes on with it')
})
