import { randomBytes } from 'node:crypto'
import type { ProblemError } from '@joinery/protocol'
import { budgets } from '@joinery/server/testing/base'
import { bytesOf, headAtMost, type NewDocument } from '@joinery/server/testing/log'
import type { LogCall } from '@joinery/testing/log/fake-log-objects'
import type { Fate } from '@joinery/testing/log/fate'
import t from 'tap'
import { makeWorld, type TestServer, textsOf, type World } from './log-fixture.ts'

/** The fate of the next calls of this kind, one after the other. All others are answered. */
const fates = (world: World, call: LogCall, list: Fate[]): void => {
  world.fate = (one) => (one === call ? (list.shift() ?? { is: 'answered' }) : { is: 'answered' })
}

const one = (text: string, name = 'a'): NewDocument[] => [{ name, text }]

/** Asks, and says what became of it: `pending` until it is settled. */
const asked = (server: TestServer, documents: readonly NewDocument[]) => {
  const outcome: { is: 'pending' | 'durable' | 'refused'; number?: number; error?: Error } = { is: 'pending' }
  server.taken.appender.append(documents).then(
    (number) => Object.assign(outcome, { is: 'durable', number }),
    (error: Error) => Object.assign(outcome, { is: 'refused', error })
  )
  return outcome
}

const noise = (bytes: number): string => JSON.stringify(randomBytes(bytes).toString('base64'))

t.test('one batch is under way, and what is asked meanwhile is the next one', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  let [under, most, moves] = [0, 0, 0]
  world.fate = (call) => {
    if (call === 'moveHead') {
      moves += 1
      under += 1
      most = Math.max(most, under)
      void world.clock.sleep(100).then(() => {
        under -= 1
      })
    }
    return { is: 'answered', there: 50, back: 50 }
  }
  const all = [asked(server, one('1')), asked(server, one('2', 'b'))]
  await world.clock.run(10)
  all.push(asked(server, one('3', 'c')), asked(server, one('4', 'd')))
  await world.clock.run(150)
  t.same(
    all.map(({ number }) => number && number - server.taken.number),
    [1, 1, undefined, undefined],
    'those of one turn are one batch'
  )
  await world.clock.run(100)
  t.same(
    all.map(({ number }) => number && number - server.taken.number),
    [1, 1, 2, 2]
  )
  t.same([most, moves], [1, 2])
})

t.test('of two contents of one document in one turn the later one is written', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  asked(server, [...one('1'), ...one('2')])
  asked(server, one('3'))
  await world.clock.run(100)
  t.same(textsOf(await world.start()), { a: '3' })
})

t.test('a batch without documents is no batch', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const moves = world.objects.done.length
  t.equal(await server.taken.appender.append([]), server.taken.number)
  t.equal(world.objects.done.length, moves)
})

t.test('a commit that is refused is answered with 503, and nothing has changed', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const before = world.objects.head
  const refuser = { is: 'webhook', name: 'strict.example.org' } as const
  const why = 'webhook "strict.example.org" denied the request'
  fates(world, 'moveHead', [{ is: 'refused', why, retryAfter: 9, refuser }])
  const outcome = asked(server, one('1'))
  await world.clock.run(50)
  t.match(outcome, {
    is: 'refused',
    error: { code: 'store-unavailable', retryAfter: 9, message: /strict\.example\.org/ }
  })
  t.same(world.objects.head, before)
  await world.clock.run(500)
  const { documents, unavailable, behind } = server.taken.facts()
  t.same(
    { documents, unavailable, behind },
    { documents: 1, unavailable: { for: 550, why, refuser }, behind: undefined }
  )
  const again = asked(server, one('2'))
  await world.clock.run(50)
  t.match(again, { is: 'durable' })
  t.equal(server.taken.facts().unavailable, undefined)
  t.same(textsOf(await world.start()), { a: '2' })
  t.same(server.deposed, [])
})

t.test('an answer that was lost after the commit: the head says that it is there', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  fates(world, 'moveHead', [{ is: 'lost' }])
  const outcome = asked(server, one('1'))
  await world.clock.run(50)
  t.match(outcome, { is: 'durable', number: server.taken.number + 1 })
  t.same(textsOf(await world.start()), { a: '1' })
})

t.test('a commit that was never carried out is sent again, with the same bytes', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  let tries = 0
  world.fate = (call) => {
    if (call !== 'moveHead') return { is: 'answered' }
    tries += 1
    return tries < 4 ? { is: 'never' } : { is: 'answered' }
  }
  const outcome = asked(server, one('1'))
  await world.clock.run(5000)
  t.match(outcome, { is: 'durable', number: server.taken.number + 1 })
  t.ok(tries >= 4)
  t.same(textsOf(await world.start()), { a: '1' })
})

t.test('a commit that is carried out late is there once, whatever was sent meanwhile', async (t) => {
  for (const by of [0, 50, 90, 150, 5000]) {
    const world = makeWorld()
    const server = await world.start()
    fates(world, 'moveHead', [{ is: 'late', by }])
    const outcome = asked(server, one('1'))
    await world.clock.run(2000)
    t.match(outcome, { is: 'durable', number: server.taken.number + 1 }, `${by} ms`)
    const next = asked(server, one('2'))
    await world.clock.run(10_000)
    t.match(next, { is: 'durable' })
    t.same(textsOf(await world.start()), { a: '2' }, `${by} ms`)
    t.same(server.deposed, [])
  }
})

t.test('a commit that fills etcd is durable, and one that etcd has no room for is refused', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  // etcd writes what fills it, and says that it is full
  fates(world, 'moveHead', [{ is: 'full', done: true }])
  const last = asked(server, one('1'))
  await world.clock.run(50)
  t.match(last, { is: 'durable', number: server.taken.number + 1 })
  fates(world, 'moveHead', [{ is: 'full', done: false }])
  const refused = asked(server, one('2'))
  await world.clock.run(50)
  t.match(refused, { is: 'refused', error: { code: 'store-unavailable', message: /space exceeded/ } })
  t.match(server.taken.facts(), { unavailable: { why: /space exceeded/ } })
  t.same(server.deposed, [])
  t.same(textsOf(await world.start()), { a: '1' })
})

t.test('a commit that etcd has no room for is not refused while the head cannot be read', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const moves: Fate[] = [{ is: 'full', done: true }]
  const heads: Fate[] = [{ is: 'never' }, { is: 'never' }]
  world.fate = (call) =>
    (call === 'moveHead' ? moves.shift() : call === 'head' ? heads.shift() : undefined) ?? { is: 'answered' }
  const outcome = asked(server, one('1'))
  await world.clock.run(90)
  t.match(outcome, { is: 'pending' })
  await world.clock.run(1000)
  t.match(outcome, { is: 'durable' })
})

t.test('a full etcd after an answer that was lost refuses nothing', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  fates(world, 'moveHead', [
    { is: 'late', by: 60_000 },
    { is: 'full', done: false }
  ])
  const outcome = asked(server, one('1'))
  await world.clock.run(120)
  t.match(outcome, { is: 'pending' }, 'the first one may still come')
  await world.clock.run(2000)
  t.match(outcome, { is: 'durable' })
})

t.test('a refusal after an answer that was lost refuses nothing', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  fates(world, 'moveHead', [{ is: 'late', by: 60_000 }, { is: 'refused' }, { is: 'refused' }])
  const outcome = asked(server, one('1'))
  await world.clock.run(120)
  t.match(outcome, { is: 'pending' }, 'the first one may still come')
  await world.clock.run(2000)
  t.match(outcome, { is: 'durable' })
})

t.test('another server moved the head: this one is deposed, and acknowledges nothing', async (t) => {
  const world = makeWorld()
  const first = await world.start()
  const second = await world.start()
  const outcome = asked(first, one('1'))
  await world.clock.run(60_000)
  t.match(outcome, { is: 'pending' })
  t.match(first.deposed, [/another server moved the head/])
  t.match(asked(first, one('2')), { is: 'pending' })
  const refused = asked(first, one('3'))
  await world.clock.run(1)
  t.match(refused, { is: 'refused', error: { code: 'store-unavailable' } })
  const kept = asked(second, one('4'))
  await world.clock.run(100)
  t.match(kept, { is: 'durable' })
  t.same(textsOf(await world.start()), { a: '4' })
})

t.test('a test that fails although nothing moved is no commit', async (t) => {
  const world = makeWorld()
  const objects = world.objects.client()
  let refuses = false
  const server = await world.start({
    objects: { ...objects, moveHead: async (before, head) => (refuses ? 'other' : objects.moveHead(before, head)) }
  })
  refuses = true
  const outcome = asked(server, one('1'))
  await world.clock.run(5000)
  t.match(outcome, { is: 'pending' })
  t.match(server.deposed, [/another server moved the head/])
})

t.test('a lease that ends while nobody knows the outcome: no answer, and the server is deposed', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  fates(
    world,
    'moveHead',
    Array.from({ length: 100 }, () => ({ is: 'never' }) as const)
  )
  const outcome = asked(server, one('1'))
  await world.clock.run(10_000)
  t.match(outcome, { is: 'pending' })
  t.same(server.deposed, [])
  server.lease.holds = false
  await world.clock.run(10_000)
  t.match(outcome, { is: 'pending' }, 'it may be there')
  t.match(server.deposed, [/lease/])
})

t.test('without a lease nothing is sent', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  server.lease.holds = false
  const calls = world.objects.done.length
  const outcome = asked(server, one('1'))
  await world.clock.run(10_000)
  t.match(outcome, { is: 'pending' })
  t.match(server.deposed, [/lease/])
  t.equal(world.objects.done.length, calls)
})

t.test('a head that is gone, or that etcd was restored to, deposes the server', async (t) => {
  const rows: [string, (world: World, early: ReturnType<World['objects']['snapshot']>) => void, RegExp][] = [
    ['gone', ({ objects }) => objects.editHead(undefined), /is gone/],
    ['restored', ({ objects }, early) => objects.restore(early), /etcd was restored/]
  ]
  for (const [what, happens, reason] of rows) {
    const world = makeWorld()
    const server = await world.start()
    asked(server, one('1'))
    await world.clock.run(5000)
    const early = world.objects.snapshot()
    const before = asked(server, one('2'))
    await world.clock.run(100)
    t.match(before, { is: 'durable' })
    happens(world, early)
    const outcome = asked(server, one('3'))
    await world.clock.run(5000)
    t.match(outcome, { is: 'pending' }, what)
    t.match(server.deposed, [reason], what)
  }
})

t.test('what is more than a head holds is several batches', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const documents = Array.from({ length: 12 }, (_, index) => ({ name: `big-${index}`, text: noise(100_000) }))
  const outcome = asked(server, documents)
  await world.clock.run(20_000)
  t.match(outcome, { is: 'durable' })
  t.ok((outcome.number ?? 0) > server.taken.number + 3, 'several numbers')
  t.same(textsOf(await world.start()), Object.fromEntries(documents.map(({ name, text }) => [name, text]).sort()))
})

t.test('a server that dies between two parts leaves a part, and the next server goes on with it', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  let moves = 0
  world.fate = (call) => {
    if (call !== 'moveHead') return { is: 'answered' }
    moves += 1
    return moves > 2 ? { is: 'refused' } : { is: 'answered' }
  }
  const documents = Array.from({ length: 12 }, (_, index) => ({ name: `big-${index}`, text: noise(100_000) }))
  const outcome = asked(server, documents)
  await world.clock.run(20_000)
  t.match(outcome, { is: 'pending' }, 'a part is durable, so nobody may say that nothing is')
  world.fate = () => ({ is: 'answered' })
  const next = await world.start()
  t.ok(next.taken.documents.length > 0 && next.taken.documents.length < 12)
  await world.clock.run(5000)
  t.match(outcome, { is: 'pending' })
  t.match(server.deposed, [/another server/])
})

t.test('a head without room waits for documents, and then refuses', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const refuser = { is: 'webhook', name: 'strict.example.org' } as const
  const refused = { is: 'refused', why: 'webhook "strict.example.org" denied the request', refuser } as const
  world.fate = (call) => (call === 'writeDocument' ? refused : { is: 'answered' })
  const outcomes = []
  for (let index = 0; index < 5; index += 1) {
    outcomes.push(asked(server, [{ name: `big-${index}`, text: noise(120_000) }]))
    await world.clock.run(100)
  }
  await world.clock.run(budgets.clusterLog.room - 600)
  t.same(
    outcomes.map(({ is }) => is),
    ['durable', 'durable', 'durable', 'pending', 'pending']
  )
  await world.clock.run(budgets.clusterLog.room + 10_000)
  t.match(outcomes[3], {
    is: 'refused',
    error: { code: 'store-unavailable', message: /full of batches.*strict\.example\.org/ }
  })
  t.ok(bytesOf(world.objects.head as never) <= headAtMost)
  t.match(server.taken.facts(), { batches: 3, waiting: 3, behind: { why: /strict/, refuser } })
  const late = asked(server, [{ name: 'big-5', text: noise(120_000) }])
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(budgets.clusterLog.pauseAtMost + 100)
  t.match(late, { is: 'durable' }, 'there is room as soon as documents are written')
})

t.test('a document that is no object is refused, and those of others are not', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const outcomes = [
    asked(server, [{ name: 'large', text: noise(400_000) }]),
    asked(server, [{ name: 'No_name', text: '{}' }]),
    asked(server, one('1'))
  ]
  await world.clock.run(100)
  t.match(outcomes, [
    { is: 'refused', error: { code: 'store-unavailable', message: /large has \d+ bytes/ } },
    { is: 'refused', error: { code: 'store-unavailable', message: /"No_name" is no name/ } },
    { is: 'durable' }
  ])
})

t.test('over the budget nothing is acknowledged that takes more room', async (t) => {
  const world = makeWorld()
  const total = 300_000
  const server = await world.start({ budget: { ...budgets.clusterLog, total } })
  const [first, second] = [asked(server, one(noise(100_000))), asked(server, one(noise(20_000), 'b'))]
  await world.clock.run(3000)
  t.match([first, second], [{ is: 'durable' }, { is: 'durable' }])
  const over = asked(server, one(noise(120_000), 'c'))
  await world.clock.run(100)
  t.match(over, {
    is: 'refused',
    error: { code: 'store-unavailable', message: /of etcd, and may take/, retryAfter: 60 }
  })
  t.match(server.taken.facts(), { documents: 3, unavailable: { why: /of etcd, and may take/ } })
  const gone = asked(server, [{ name: 'a', text: null }])
  await world.clock.run(100)
  t.match(gone, { is: 'durable' })
  const again = asked(server, one(noise(120_000), 'c'))
  await world.clock.run(100)
  t.match(again, { is: 'durable' })
})

t.test('a commit of several batches is refused as a whole if its documents have no room', async (t) => {
  const world = makeWorld()
  const server = await world.start({ budget: { ...budgets.clusterLog, total: 500_000 } })
  const before = world.objects.head
  const outcome = asked(
    server,
    Array.from({ length: 8 }, (_, index) => ({ name: `big-${index}`, text: noise(60_000) }))
  )
  await world.clock.run(100)
  t.match(outcome, { is: 'refused', error: { code: 'store-unavailable', message: /may take/ } })
  t.same(world.objects.head?.documents, before?.documents)
  await world.clock.run(60_000)
  t.match(server.taken.facts(), { documents: 1, unavailable: { why: /may take/ } }, 'it stays so')
})

t.test('after a refusal an empty batch finds out whether it is over', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await world.clock.run(5000)
  world.fate = (call) => (call === 'moveHead' ? { is: 'refused' } : { is: 'answered' })
  asked(server, one('1'))
  await world.clock.run(30_000)
  t.ok((server.taken.facts().unavailable?.for ?? 0) > 25_000)
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(3000)
  t.equal(server.taken.facts().unavailable, undefined)
  t.same(textsOf(await world.start()), {})
})

t.test('over the rate a commit is refused until time has brought room', async (t) => {
  const world = makeWorld()
  const budget = { ...budgets.clusterLog, rate: { bytes: 10_000, burst: 100_000 } }
  const server = await world.start({ budget })
  const first = asked(server, one(noise(60_000)))
  await world.clock.run(100)
  t.match(first, { is: 'durable' })
  const second = asked(server, one(noise(60_000)))
  await world.clock.run(100)
  t.match(second, { is: 'refused', error: { code: 'store-unavailable', message: /a second were written/ } })
  await world.clock.run(1000 * Number((second.error as ProblemError).retryAfter))
  const third = asked(server, one(noise(60_000)))
  await world.clock.run(100)
  t.match(third, { is: 'durable' })
})

t.test('after a quiet second an empty batch clears the head', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  asked(server, one('1'))
  await world.clock.run(500)
  t.equal(world.objects.head?.batches.length, 1)
  await world.clock.run(1000)
  t.match(world.objects.head, { batches: { length: 0 }, number: server.taken.number + 2 })
  const moves = world.objects.done.filter((call) => call === 'moveHead').length
  await world.clock.run(60_000)
  t.equal(world.objects.done.filter((call) => call === 'moveHead').length, moves, 'and then nothing is written')
  t.match(server.taken.facts(), { batches: 0, waiting: 0, documents: 2 })
})

t.test('a server that ends refuses what it has not sent, and finishes what it has', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  world.fate = () => ({ is: 'answered', there: 100, back: 100 })
  const sent = asked(server, one('1'))
  await world.clock.run(50)
  const waiting = asked(server, one('2'))
  const closed = server.taken.close()
  await world.clock.until(closed)
  t.match([sent, waiting], [{ is: 'durable' }, { is: 'refused', error: { code: 'store-unavailable' } }])
  const calls = world.objects.done.length
  await world.clock.run(60_000)
  t.equal(world.objects.done.length, calls, 'it sends nothing more')
  t.same(server.deposed, [])
})
