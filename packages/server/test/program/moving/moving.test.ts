import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { aCode } from '@joinery/testing/documents/code'
import t, { type Test } from 'tap'
import { openMirror } from '../../../src/adapters/sqlite/mirror/open-mirror.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { LogObjects } from '../../../src/core/ports/log/log-objects.ts'
import { takeOver } from '../../../src/features/high-availability/log/take-over.ts'
import { adoptOfCluster, adoptOfThisHost } from '../../../src/program/moving/adopt.ts'
import { type EndingMark, moveToCluster, moveToFile } from '../../../src/program/moving/move.ts'
import { requireFollower } from '../../../src/program/moving/require-follower.ts'
import { requireNoLog } from '../../../src/program/moving/require-no-log.ts'
import { knownBy, makeWorld, quiet, type World } from '../../features/high-availability/log/log-fixture.ts'

/** A host with a store of its own, which has one code. */
const hostWithFile = async (t: Test): Promise<{ state: string; file: string }> => {
  const state = t.testdir({})
  const file = join(state, 'joinery.db')
  const store = sqliteStore(file)
  await store.commit({ codes: [aCode('one')] })
  store.close()
  return { state, file }
}
const print = (): void => {}
const log = (world: World, over: Partial<LogObjects> = {}) => {
  const parts = world.parts()
  return { ...parts, objects: { ...parts.objects, ...over } }
}

/** Ids of the codes that the next active server of this host finds, by the log in the cluster. */
const foundBy = async (world: World, file: string): Promise<string[]> => {
  const mirror = openMirror(file)
  const taken = await world.clock.until(takeOver({ ...world.parts(), known: mirror.known() }))
  const store = mirror.store(taken, {
    ended: (error) => {
      throw error
    },
    monotonic: world.clock.monotonic
  })
  const ids = (await store.codes()).map(({ id }) => id)
  store.close()
  await store.closed
  await world.clock.until(taken.close())
  return ids
}
/** Ids of the codes in a store of its own. */
const ownCodes = async (file: string): Promise<string[]> => {
  const store = sqliteStore(file)
  const ids = (await store.codes()).map(({ id }) => id)
  store.close()
  return ids
}
interface Mark extends EndingMark {
  log: string | undefined
}

/** The mark in memory, as another process would find it. */
const marked = (): Mark => {
  const mark: Mark = {
    log: undefined,
    is: async (log) => mark.log === log,
    note: async (log) => {
      mark.log = log
    },
    forget: async () => {
      mark.log = undefined
    }
  }
  return mark
}
const noMemory = { seen: undefined, took: async () => {} }
const crash = async (): Promise<never> => {
  throw new Error('killed')
}

t.test('a store moves into the cluster, and another host finds it there', async (t) => {
  const [{ state, file }, world] = [await hostWithFile(t), makeWorld()]
  await world.clock.until(moveToCluster({ state, log: log(world), print }))
  t.throws(() => sqliteStore(file), { message: /is a copy of the log/ }, 'the file is no store of its own any more')
  t.same(await foundBy(world, file), ['one'])
  t.same(await foundBy(world, join(t.testdir({}), 'joinery.db')), ['one'])
})

t.test('a move into the cluster that is killed before the head is there is done again', async (t) => {
  const [{ state, file }, world] = [await hostWithFile(t), makeWorld()]
  await t.rejects(world.clock.until(moveToCluster({ state, log: log(world, { makeHead: crash }), print })), /killed/)
  t.same(await ownCodes(file), ['one'])
  await world.clock.until(moveToCluster({ state, log: log(world), print }))
  t.same(await foundBy(world, file), ['one'])
})

t.test(
  'a move into the cluster that is killed after the head is there has left everything in the cluster',
  async (t) => {
    const [{ state, file }, world] = [await hostWithFile(t), makeWorld()]
    const { objects } = world.parts()
    const makeHead: LogObjects['makeHead'] = async (head) => {
      await objects.makeHead(head)
      return crash()
    }
    await t.rejects(world.clock.until(moveToCluster({ state, log: log(world, { makeHead }), print })), /killed/)
    await t.rejects(moveToCluster({ state, log: log(world), print }), {
      message: 'the cluster has a log already',
      remedy: /move .*joinery\.db, .* away together/
    })
    t.throws(() => requireFollower(state), { message: /is a store of its own/ }, 'the server says so, too')
    t.same(await foundBy(world, join(t.testdir({}), 'joinery.db')), ['one'])
    t.ok(existsSync(file))
  }
)

t.test('a store does not move over the log of somebody else', async (t) => {
  const [{ state, file }, world] = [await hostWithFile(t), makeWorld()]
  await world.start()
  const before = world.objects.snapshot()
  await t.rejects(moveToCluster({ state, log: log(world), print }), { message: 'the cluster has a log already' })
  t.same(world.objects.snapshot(), before)
  t.same(await ownCodes(file), ['one'])
})

/** A host whose store was moved into the cluster. */
const moved = async (t: Test, world: World): Promise<{ state: string; file: string }> => {
  const host = await hostWithFile(t)
  await world.clock.until(moveToCluster({ state: host.state, log: log(world), print }))
  return host
}
const moveToFileOf = (
  world: World,
  { state }: { state: string },
  {
    ending = marked(),
    endLog = async () => world.objects.restore({ ...world.objects.snapshot(), head: undefined })
  } = {}
): Promise<void> => moveToFile({ state, log: log(world), print }, { ending, endLog, seen: undefined })

t.test('a store moves back into a file, and the log in the cluster ends', async (t) => {
  const world = makeWorld()
  const host = await moved(t, world)
  await world.clock.until(moveToFileOf(world, host))
  t.same(await ownCodes(host.file), ['one'])
  t.same(world.objects.snapshot().documents.size, 0, 'nothing is left in the cluster')
  t.throws(() => requireFollower(host.state), { message: /is a store of its own/ })
})

t.test('a move into a file that is killed before the log ended is done again', async (t) => {
  const world = makeWorld()
  const host = await moved(t, world)
  const ending = marked()
  await t.rejects(world.clock.until(moveToFileOf(world, host, { ending, endLog: crash })), /killed/)
  t.throws(() => sqliteStore(host.file), { message: /is a copy of the log/ }, 'the log counts still')
  await world.clock.until(moveToFileOf(world, host, { ending }))
  t.same(await ownCodes(host.file), ['one'])
})

t.test('a move into a file that is killed after the log ended needs no log to come to its end', async (t) => {
  const world = makeWorld()
  const host = await moved(t, world)
  const ending = marked()
  const endLog = async (): Promise<never> => {
    world.objects.restore({ ...world.objects.snapshot(), head: undefined })
    return crash()
  }
  await t.rejects(world.clock.until(moveToFileOf(world, host, { ending, endLog })), /killed/)
  await world.clock.until(moveToFileOf(world, host, { ending, endLog: async () => {} }))
  t.same(await ownCodes(host.file), ['one'])
  t.equal(ending.log, undefined)
})

t.test('a file that follows no log is not moved', async (t) => {
  const [host, world] = [await hostWithFile(t), makeWorld()]
  await t.rejects(moveToFileOf(world, host), { message: /follows no log/ })
  t.same(await ownCodes(host.file), ['one'])
})

t.test('what the cluster has is adopted, and the file of this host is put aside', async (t) => {
  const world = makeWorld()
  const host = await moved(t, world)
  const early = world.objects.snapshot()
  const server = await world.start()
  await world.clock.until(server.taken.appender.append([{ name: 'subject.two', text: '"x"' }]))
  const mirror = openMirror(host.file)
  const known = knownBy(await world.start())
  const later = new Map([...known.documents].map(([name, number]) => [name, number + 5]))
  mirror.follow({ ...known, number: known.number + 5, documents: later })
  mirror.close()
  world.objects.restore(early)
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const now = new Date('2026-11-27T00:00:00Z')
  const adopted = adoptOfCluster({ state: host.state, log: log(world), memory: noMemory, now, print: say })
  // the files of this host take real time
  await world.clock.run(60_000)
  await adopted
  t.ok(readdirSync(host.state).includes('joinery.db.lost-2026-11-27T000000.000Z'))
  t.match(lines, [
    /the log in the cluster counts/,
    /^older there than in the file of this host: .* is of batch \d+ and was of \d+/,
    /^open codes will be revoked, and approvals asked again/,
    /joinery\.db\.lost-2026-11-27T000000\.000Z has what this host knew/
  ])
  t.same(await foundBy(world, host.file), ['one'])
})

t.test('what this host has is adopted, if objects were lost', async (t) => {
  const world = makeWorld()
  const host = await moved(t, world)
  world.objects.restore({ head: undefined, documents: new Map() })
  const adopting = { state: host.state, log: log(world), memory: noMemory, now: new Date(), print }
  await world.clock.until(adoptOfThisHost(adopting))
  t.same(await foundBy(world, host.file), ['one'])
})

t.test('A1: a file that is older than the log asks again, though this host remembers the end of the log', async (t) => {
  const world = makeWorld()
  const host = await moved(t, world)
  const server = await world.start()
  await world.clock.until(server.taken.appender.append([{ name: 'subject.two', text: '"x"' }]))
  const { head } = world.objects
  const logs = head === undefined ? [] : [{ log: head.log, number: head.number, own: { ...head, at: '', terms: [] } }]
  const memory = { seen: { logs }, took: async () => {} }
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  await world.clock.until(adoptOfThisHost({ state: host.state, log: log(world), memory, now: new Date(), print: say }))
  t.match(lines, [/^the cluster has the log of this host/, /^open codes will be revoked, and approvals asked again/])
})

t.test('a server with a store in a file does not run beside a log, and runs if nobody can say', async (t) => {
  const world = makeWorld()
  const { objects } = world.parts()
  await requireNoLog(objects, quiet())
  await world.start()
  await t.rejects(requireNoLog(objects, quiet()), {
    message: /the cluster has the log/,
    remedy: /store move --to file/
  })
  await requireNoLog({ head: crash }, quiet())
})
