import t from 'tap'
import { HeadSight, type SeenHead } from '../../src/log/head-sight.ts'
import { makeWorld, type TestServer, textsOf } from './log-fixture.ts'

const append = (world: ReturnType<typeof makeWorld>, { taken }: TestServer, name: string, text: string) =>
  world.clock.until(taken.appender.append([{ name, text }]))

const quiet = { debug: () => {}, warn: () => {} } as never

const sightIn = (world: ReturnType<typeof makeWorld>, kept?: SeenHead) => {
  const written: SeenHead[] = kept === undefined ? [] : [kept]
  const { objects, keys } = world.parts()
  const file = { read: async () => written.at(-1), write: async (seen: SeenHead) => void written.push(seen) }
  return { written, sight: new HeadSight({ objects, keys, file, sleep: async () => {}, log: quiet }) }
}

const grown = async (): Promise<{ world: ReturnType<typeof makeWorld>; server: TestServer }> => {
  const world = makeWorld()
  const server = await world.start()
  await append(world, server, 'x', '1')
  return { world, server }
}

t.test('a server that stands by remembers how far the log came, for the next process too', async (t) => {
  const { world, server } = await grown()
  const { sight, written } = sightIn(world)
  await world.clock.until(sight.look())
  const { log, number } = world.objects.head ?? { log: '', number: 0 }
  t.same(sight.seen, { log, number })
  await world.clock.until(sight.look())
  t.same(written, [{ log, number }], 'it writes only what is new')
  await append(world, server, 'x', '2')
  await world.clock.until(sight.look())
  t.ok((sight.seen?.number ?? 0) > number)
})

t.test('it never goes back, nor to a log that it does not know', async (t) => {
  const { world, server } = await grown()
  const early = world.objects.snapshot()
  await append(world, server, 'x', '2')
  const { sight } = sightIn(world)
  await world.clock.until(sight.look())
  const { seen } = sight
  world.objects.restore(early)
  await world.clock.until(sight.look())
  t.same(sight.seen, seen)
  const other = sightIn(world, { log: 'another', number: 7 })
  const over = new AbortController()
  over.abort()
  await other.sight.follow(over.signal)
  await world.clock.until(other.sight.look())
  t.same(other.sight.seen, { log: 'another', number: 7 })
})

t.test('a log that cannot be read, is not there, or that somebody forged, says nothing', async (t) => {
  const world = makeWorld()
  const { sight, written } = sightIn(world)
  await world.clock.until(sight.look())
  const server = await world.start()
  await append(world, server, 'x', '1')
  world.fate = () => ({ is: 'refused' })
  await world.clock.until(sight.look())
  world.fate = () => ({ is: 'answered' })
  const { head } = world.objects.snapshot()
  world.objects.restore({ ...world.objects.snapshot(), head: head && { ...head, number: head.number + 1000 } })
  await world.clock.until(sight.look())
  t.same(written, [])
})

t.test('a host that only saw a log makes no new one in its place', async (t) => {
  const { world, server } = await grown()
  const { sight } = sightIn(world)
  await world.clock.until(sight.look())
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
  world.objects.restore({ ...early, head: { ...early.head, format: 3 } as never })
  await world.clock.until(sight.look())
  t.match(sight.newer, /^a newer server wrote the head of the log \(format 3\): install that version/)
  t.same(written, [])
  world.fate = () => ({ is: 'refused' })
  await world.clock.until(sight.look())
  t.match(sight.newer, /format 3/, 'a look that fails says nothing')
  world.fate = () => ({ is: 'answered' })
  world.objects.restore(early)
  await world.clock.until(sight.look())
  t.equal(sight.newer, undefined)
})

t.test('a host that saw a later end does not take over a log that was restored', async (t) => {
  const { world, server } = await grown()
  const early = world.objects.snapshot()
  await append(world, server, 'x', '2')
  const { sight } = sightIn(world)
  await world.clock.until(sight.look())
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
