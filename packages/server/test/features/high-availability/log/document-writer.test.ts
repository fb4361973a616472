import { randomBytes } from 'node:crypto'
import { budgets } from '@joinery/server/testing/base'
import { headAtMost, type NewDocument, openDocument, sealDocument } from '@joinery/server/testing/log'
import type { LogCall } from '@joinery/testing/log/fake-log-objects'
import type { Fate } from '@joinery/testing/log/fate'
import t from 'tap'
import { Doubts } from '../../../../src/features/high-availability/log/writing/doubts.ts'
import { keys, makeWorld, namesIn, otherKeys, type TestServer, textsOf, type World } from './log-fixture.ts'

const { late, gather, gatherAtMost, gatherBelow } = budgets.clusterLog

const one = (text: string | null, name = 'a'): NewDocument[] => [{ name, text }]

/** Commits, and lets the document be written. */
const write = async (world: World, server: TestServer, documents: readonly NewDocument[]): Promise<void> => {
  await world.clock.until(server.taken.appender.append(documents))
  await world.clock.run(3000)
}

const specOf = (world: World, name = 'a') => {
  const { spec } = world.objects.document(name) ?? {}
  return spec
}

const textOf = (world: World, name = 'a'): string | null | undefined => {
  const opened = openDocument(name, specOf(world, name), world.objects.head?.log ?? '', [keys])
  return opened.is === 'ours' ? opened.text : undefined
}

const first = (call: LogCall, fate: Fate): ((one: LogCall) => Fate) => {
  let done = false
  return (one) => {
    if (one !== call || done) return { is: 'answered' }
    done = true
    return fate
  }
}

t.test('at most eight documents are written at a time, and each name one after the other', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  let [under, most] = [0, 0]
  world.fate = (call) => {
    if (call !== 'writeDocument') return { is: 'answered' }
    under += 1
    most = Math.max(most, under)
    void world.clock.sleep(100).then(() => {
      under -= 1
    })
    return { is: 'answered', there: 50, back: 50 }
  }
  await world.clock.until(
    server.taken.appender.append(Array.from({ length: 30 }, (_, index) => ({ name: `d-${index}`, text: '1' })))
  )
  for (let text = 2; text < 6; text += 1) {
    await world.clock.until(server.taken.appender.append(one(String(text), 'd-0')))
    await world.clock.run(10)
  }
  await world.clock.run(800)
  t.equal(most, 8)
  t.equal(textOf(world, 'd-0'), '5', 'the newest content wins')
  t.equal(namesIn(world).length, 30)
  t.ok(world.objects.done.filter((call) => call === 'writeDocument').length < 34, 'what is older is not written')
})

t.test('an answer that was lost: the document is there, or is written again', async (t) => {
  const rows: Fate[] = [
    { is: 'lost' },
    { is: 'never' },
    { is: 'late', by: 10 },
    { is: 'late', by: 60_000 },
    { is: 'full', done: true },
    { is: 'full', done: false },
    { is: 'refused' }
  ]
  for (const fate of rows) {
    const world = makeWorld()
    const server = await world.start()
    await write(world, server, one('1'))
    world.fate = first('writeDocument', fate)
    await write(world, server, one('2'))
    t.equal(textOf(world), '2', JSON.stringify(fate))
    await write(world, server, one('3'))
    await world.clock.run(60_000)
    t.equal(textOf(world), '3', JSON.stringify(fate))
    t.same([server.deposed, server.alerts], [[], []])
    t.same(world.objects.head?.batches, [])
  }
})

t.test('while documents cannot be written their batches stay in the head', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await write(world, server, one('1'))
  await world.clock.run(120_000)
  t.same(namesIn(world), [])
  t.match(server.taken.facts(), { batches: 1, waiting: 1 })
  const tries = world.objects.done.length
  t.ok(tries < 200, 'it does not try all the time')
  world.fate = () => ({ is: 'answered' })
  t.same(textsOf(await world.start()), { a: '1' })
})

t.test('a document that was put back by hand is written again, and told', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  const old = specOf(world)
  await write(world, server, one('2'))
  world.objects.edit('a', old)
  await write(world, server, one('3'))
  t.equal(textOf(world), '3')
  t.match(server.alerts, [/^somebody put a of the log back from batch \d+ to batch \d+; the server writes it again$/])
  t.same(server.deposed, [])
})

t.test('a document that was edited by hand is written again, and told', async (t) => {
  const { name, ...foreign } = sealDocument({ name: 'a', text: '"evil"', number: 2 ** 50, log: 'x' }, otherKeys)
  for (const spec of [{ format: 1 }, 'x', { ...foreign, format: 7 }]) {
    const world = makeWorld()
    const server = await world.start()
    await write(world, server, one('1'))
    world.objects.edit('a', spec)
    await write(world, server, one('2'))
    t.equal(textOf(world), '2')
    t.match(server.alerts, [/^somebody edited a of the log; the server writes it again$/])
  }
})

t.test('who edits documents again and again makes ten alerts, and then one in a minute', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  for (let round = 0; round < 30; round += 1) {
    world.objects.edit('a', 'x')
    await write(world, server, one(String(round)))
  }
  t.equal(textOf(world), '29')
  t.ok(server.alerts.length >= 10 && server.alerts.length <= 12, `${server.alerts.length} alerts`)
})

t.test('a document that somebody deleted is made again by the next write', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  world.objects.remove('a')
  await write(world, server, one('2'))
  t.equal(textOf(world), '2')
  world.objects.remove('a')
  await write(world, server, one(null))
  t.same(world.objects.head?.batches, [])
})

t.test('who finds a higher number is deposed, and writes nothing over it', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  const { name, ...newer } = sealDocument(
    { name: 'a', text: '"newer"', number: server.taken.number + 100, log: server.taken.log },
    keys
  )
  world.objects.edit('a', newer)
  await write(world, server, one('2'))
  t.match(server.deposed, [/another server wrote a of batch/])
  t.equal(textOf(world), '"newer"')
})

t.test('who finds another text of the same number is deposed', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  const { name, ...twin } = sealDocument(
    { name: 'a', text: '"twin"', number: server.taken.number + 3, log: server.taken.log },
    keys
  )
  t.equal(world.objects.head?.number, server.taken.number + 2)
  world.objects.edit('a', twin)
  await write(world, server, one('2'))
  t.match(server.deposed, [/another server wrote a/])
  t.equal(textOf(world), '"twin"')
})

t.test('a document of another log is written over only while the head is ours', async (t) => {
  for (const moved of [false, true]) {
    const world = makeWorld()
    const server = await world.start()
    await write(world, server, one('1'))
    const { name, ...foreign } = sealDocument({ name: 'a', text: '"foreign"', number: 1, log: 'another-log' }, keys)
    world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
    await world.clock.until(server.taken.appender.append(one('2')))
    world.objects.edit('a', foreign)
    if (moved) await world.start()
    world.fate = () => ({ is: 'answered' })
    await world.clock.run(10_000)
    t.same(server.deposed.length, moved ? 1 : 0)
    if (!moved) t.equal(textOf(world), '2')
  }
})

t.test('a document of another log stays as it is if the head moved', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  const { name, ...foreign } = sealDocument({ name: 'a', text: '"foreign"', number: 1, log: 'another-log' }, keys)
  world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await world.clock.until(server.taken.appender.append(one('2')))
  world.objects.edit('a', foreign)
  world.objects.editHead({ ...world.objects.head, hash: 'f'.repeat(64) })
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(10_000)
  t.match(server.deposed, [/another server moved the head/])
  t.same(specOf(world), foreign)
})

t.test('a late write of the server before is no alert, and does not stay', async (t) => {
  const world = makeWorld()
  const before = await world.start()
  await write(world, before, one('1'))
  world.fate = first('writeDocument', { is: 'late', by: 500 })
  await world.clock.until(before.taken.appender.append(one('2')))
  before.lease.holds = false
  world.fate = (call) => (call === 'writeDocument' ? { is: 'answered', there: 1000 } : { is: 'answered' })
  const after = await world.start()
  t.same(textsOf(after), { a: '2' })
  await world.clock.until(after.taken.appender.append(one('3')))
  await world.clock.run(60_000)
  t.equal(textOf(world), '3')
  t.same([after.deposed, after.alerts], [[], []])
})

t.test('what this server made itself is deleted at once', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  await write(world, server, one(null))
  t.same(namesIn(world), [])
})

t.test('what a server before may still create leaves a grave, until no request of it can come', async (t) => {
  const world = makeWorld()
  await write(world, await world.start(), one('1'))
  const server = await world.start()
  await write(world, server, one(null))
  t.same(namesIn(world), ['a'])
  t.equal(textOf(world), null)
  t.same(world.objects.head?.batches, [])
  t.same(textsOf(await world.start()), {}, 'a grave is no document')
  const last = await world.start()
  await world.clock.run(late * 2)
  t.same(namesIn(world), [])
  await write(world, last, one('2'))
  t.same(textsOf(await world.start()), { a: '2' })
})

t.test('a grave that has content again stays', async (t) => {
  const world = makeWorld()
  await write(world, await world.start(), one('1'))
  const server = await world.start()
  await write(world, server, one(null))
  world.fate = first('writeDocument', { is: 'lost' })
  await write(world, server, one('2'))
  await world.clock.run(late * 3)
  t.equal(textOf(world), '2')
})

t.test('a create that comes after the delete finds the name taken', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  world.fate = first('writeDocument', { is: 'late', by: 10_000 })
  await write(world, server, one('1'))
  t.equal(textOf(world), '1', 'it was written again')
  await write(world, server, one(null))
  await world.clock.run(60_000)
  t.equal(textOf(world), null)
  t.same(textsOf(await world.start()), {})
})

t.test('a delete that was lost is looked at', async (t) => {
  for (const fate of [{ is: 'lost' }, { is: 'never' }, { is: 'late', by: 1000 }] as const) {
    const world = makeWorld()
    const server = await world.start()
    await write(world, server, one('1'))
    world.fate = first('deleteDocument', fate)
    await write(world, server, one(null))
    await write(world, server, one('2'))
    await world.clock.run(10_000)
    t.equal(textOf(world), '2', fate.is)
    t.same([server.deposed, server.alerts], [[], []])
  }
})

t.test('N5: a document that somebody deleted is written again, and told of as one that was edited', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  world.objects.remove('a')
  await write(world, server, one('2'))
  t.equal(textOf(world), '2')
  t.same(server.alerts, ['somebody deleted a of the log; the server writes it again'])
  t.same(server.deposed, [])
})

t.test('N5: what the log itself deletes is told of by nobody, whoever deletes it first', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  // its deletion is carried out while the next content is on its way; a server that asks without a pause would do so for ever
  let asked = 0
  world.fate = (call) => {
    if (call !== 'deleteDocument') return { is: 'answered' }
    asked += 1
    return asked <= 10 ? { is: 'late', by: 50 } : { is: 'refused' }
  }
  await world.clock.until(server.taken.appender.append(one(null)))
  await world.clock.run(20)
  world.fate = first('writeDocument', { is: 'answered', there: 100 })
  await write(world, server, one('2'))
  t.equal(textOf(world), '2')
  // another log left the name behind, and an administrator takes it away
  world.objects.edit('b', { ...specOf(world), log: 'another' })
  const next = await world.start()
  world.objects.remove('b')
  await write(world, next, one('3', 'b'))
  t.equal(textOf(world, 'b'), '3')
  t.same([...server.alerts, ...next.alerts], [])
})

t.test('N5: an etcd that was restored to a time before the document is no deletion', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const early = world.objects.snapshot()
  await write(world, server, one('1'))
  world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await world.clock.until(server.taken.appender.append(one('2')))
  world.objects.restore(early)
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(60_000)
  t.match(server.deposed, [/etcd was restored/])
  t.same([server.alerts, namesIn(world)], [[], []])
})

t.test('L6: a grave is not reaped over the content that came after it', async (t) => {
  const world = makeWorld()
  await write(world, await world.start(), one('1'))
  const server = await world.start()
  await write(world, server, one(null))
  t.equal(textOf(world), null, 'there is a grave')
  world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await world.clock.until(server.taken.appender.append(one('2')))
  await world.clock.run(late * 3)
  t.equal(textOf(world), null, 'and it may be reaped, but for the content that waits')
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(60_000)
  t.equal(textOf(world), '2')
  t.same(textsOf(await world.start()), { a: '2' })
})

t.test('L7: somebody who rewrites a document each time is not raced', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, one('1'))
  const older = specOf(world)
  const most = 60_000 / budgets.clusterLog.pauseAtMost + 20
  let puts = 0
  world.fate = (call) => {
    if (call === 'writeDocument') {
      puts += 1
      // always a moment before the request arrives, but for a server that has raced already
      if (puts <= most) world.objects.edit('a', older)
    }
    return { is: 'answered', there: 1, back: 1 }
  }
  await world.clock.until(server.taken.appender.append(one('2')))
  await world.clock.run(60_000)
  t.ok(puts > 2 && puts <= most, `${puts} requests in a minute`)
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(60_000)
  t.equal(textOf(world), '2', 'it is written in the end')
})

t.test('L8: the end of a server waits for the requests that are under way', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  world.fate = (call) => (call === 'writeDocument' ? { is: 'answered', there: 500, back: 500 } : { is: 'answered' })
  await world.clock.until(server.taken.appender.append(one('1')))
  await world.clock.run(10)
  let closed = false
  void server.taken.close().then(() => {
    closed = true
  })
  await world.clock.run(900)
  t.notOk(closed, 'its answer is on its way')
  await world.clock.run(200)
  t.ok(closed)
})

t.test('L5: doubts are forgotten when they are over', async (t) => {
  let now = 0
  const doubts = new Doubts(() => now, late)
  for (let name = 0; name < 100; name += 1) {
    doubts.add(`d-${name}`)
    now += late / 10
  }
  t.ok(doubts.size <= 11, `${doubts.size} of 100`)
  t.same([doubts.until('d-80'), doubts.until('d-99')], [undefined, now - late / 10 + late])
  doubts.add('d-95')
  now += late - 1
  t.equal(doubts.until('d-95'), now + 1, 'a doubt that comes again lasts from then on')
  now += 1
  t.equal(doubts.until('d-95'), undefined)
})

const writes = (world: World): number => world.objects.done.filter((call) => call === 'writeDocument').length

/** Commits one content after the other, with so many milliseconds between two. */
const steps = async (world: World, server: TestServer, count: number, pause: number): Promise<void> => {
  for (let step = 1; step <= count; step += 1) {
    await world.clock.until(server.taken.appender.append(one(`${step}`)))
    await world.clock.run(pause)
  }
}

/** A server that has nothing left to write. */
const quietServer = async (world: World): Promise<TestServer> => {
  const server = await world.start()
  await world.clock.run(5_000)
  world.objects.done.length = 0
  return server
}

t.test('steps that follow one another soon are one write of the document', async (t) => {
  const world = makeWorld(1, gather)
  const server = await quietServer(world)
  await steps(world, server, 5, gather / 10)
  t.same([writes(world), server.taken.facts().waiting, server.taken.facts().batches], [0, 1, 1])
  await world.clock.run(gather)
  t.same([writes(world), textOf(world), server.taken.facts().waiting], [1, '5', 0])
  await steps(world, server, 3, gather * 1.2)
  t.equal(writes(world), 4, 'steps that are far apart are a write each')
  await world.clock.run(2000)
  t.same(world.objects.head?.batches, [], 'and the head is cleared as ever')
})

t.test('a document that changes all the time is written as often as it must', async (t) => {
  const world = makeWorld(1, gather)
  const server = await quietServer(world)
  await steps(world, server, 40, gather / 5)
  const times = (8 * gather) / gatherAtMost
  t.ok(writes(world) >= Math.floor(times) && writes(world) <= times + 1, `${writes(world)} writes in ${8 * gather} ms`)
})

t.test('a content that comes while the one before is on its way waits, too', async (t) => {
  const world = makeWorld(1, gather)
  const server = await quietServer(world)
  world.fate = (call) => (call === 'writeDocument' ? { is: 'answered', there: gather / 2 } : { is: 'answered' })
  await world.clock.until(server.taken.appender.append(one('1')))
  await world.clock.run(gather + 10)
  for (const text of ['2', '3']) await world.clock.until(server.taken.appender.append(one(text)))
  await world.clock.run(gather - 20)
  t.same([writes(world), textOf(world)], [1, '1'])
  await world.clock.run(gather)
  t.same([writes(world), textOf(world)], [2, '3'])
})

const noise = (bytes: number): string => JSON.stringify(randomBytes(bytes).toString('base64'))

t.test('while the head is long no document waits', async (t) => {
  const world = makeWorld(1, gather)
  const server = await quietServer(world)
  await world.clock.until(server.taken.appender.append(one('1')))
  await world.clock.run(1)
  t.same(namesIn(world), [])
  await world.clock.until(server.taken.appender.append(one(noise(gatherBelow), 'long')))
  await world.clock.run(1)
  t.same(namesIn(world), ['a', 'long'])
})

t.test('a head that is a little too long has those written that have rested longest', async (t) => {
  const world = makeWorld(1, gather)
  const server = await quietServer(world)
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  for (const name of names) {
    await world.clock.until(server.taken.appender.append(one(noise(gatherBelow / 8), name)))
    await world.clock.run(1)
    t.ok(server.taken.facts().headBytes < 1.5 * gatherBelow)
  }
  const written = namesIn(world)
  t.same(written, names.slice(0, written.length))
  t.ok(written.length > 0 && written.length < names.length, `${written.length} of ${names.length}`)
})

t.test('a commit that finds no room in the head waits for requests, and not for what documents wait for', async (t) => {
  const world = makeWorld(1, 10 * gather)
  const server = await world.start({ budget: { ...budgets.clusterLog, gather: 10 * gather, gatherBelow: headAtMost } })
  const begun = world.clock.monotonic()
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await world.clock.until(server.taken.appender.append(one(noise(120_000), name)))
  }
  t.ok(world.clock.monotonic() - begun < gather, `${world.clock.monotonic() - begun} ms`)
})

t.test('a server that is killed while documents wait has lost nothing', async (t) => {
  const world = makeWorld(1, gather)
  const first = await world.start()
  await steps(world, first, 3, 10)
  first.lease.holds = false
  t.same(textsOf(await world.start()), { a: '3' })
  t.equal(writes(world), 0, 'it was in the head alone')
})
