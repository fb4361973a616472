import { given } from '@joinery/protocol/given'
import { budgets } from '@joinery/server/testing/base'
import {
  emptyHead,
  type HeadSpec,
  type KnownLog,
  LogRefusal,
  openDocument,
  overtaken,
  sealDocument,
  sealHead,
  takeOver
} from '@joinery/server/testing/log'
import type { LogCall } from '@joinery/testing/log/fake-log-objects'
import type { Fate } from '@joinery/testing/log/fate'
import t from 'tap'
import { headFormat, unpackBatch } from '../../../../src/core/ports/log/format.ts'
import { digestOf, digestText, partsOf } from '../../../../src/core/ports/log/log-keys.ts'
import type { Restored } from '../../../../src/core/ports/store/store-age.ts'
import { claimHead } from '../../../../src/features/high-availability/log/taking-over/claim-head.ts'
import { keys, knownBy, makeWorld, namesIn, otherKeys, type TestServer, textsOf, type World } from './log-fixture.ts'

const write = (world: World, server: TestServer, texts: Record<string, string | null>): Promise<number> =>
  world.clock.until(server.taken.appender.append(Object.entries(texts).map(([name, text]) => ({ name, text }))))

/** A world whose last server has written a, b and c, and has died. */
const written = async (seed = 1): Promise<{ world: World; known: KnownLog }> => {
  const world = makeWorld(seed)
  const server = await world.start()
  await write(world, server, { a: '1', b: '2' })
  await write(world, server, { c: '3' })
  await world.clock.run(5000)
  await server.taken.close()
  const next = await world.start()
  await world.clock.run(5000)
  await next.taken.close()
  return { world, known: knownBy(next) }
}

const refusalOf = async (world: World, known?: KnownLog, over = {}): Promise<LogRefusal> => {
  const result = await world.start({ known, ...over }).catch((error: unknown) => error)
  if (result instanceof LogRefusal) return result
  throw result instanceof Error ? result : new Error('it took over')
}

t.test('a batch is durable, and the next server finds it', async (t) => {
  const world = makeWorld()
  const first = await world.start()
  const number = await write(world, first, { a: '{"a":1}', b: '"b"' })
  t.equal(number, first.taken.number + 1)
  const second = await world.start()
  t.same(textsOf(second), { a: '{"a":1}', b: '"b"' })
  t.equal(second.taken.term, first.taken.term + 1)
  t.equal(second.taken.log, first.taken.log)
  await world.clock.run(5000)
  t.same(namesIn(world), ['a', 'b'])
  t.same(world.objects.head?.batches, [], 'the head is clear when everything is written')
  t.same(textsOf(await world.start({ known: knownBy(second) })), textsOf(second))
})

t.test('of two servers that make the first head one makes it, and both go on with it', async (t) => {
  const world = makeWorld()
  world.fate = () => ({ is: 'answered', there: 10, back: 10 })
  const both = await Promise.all([world.start(), world.start()])
  t.equal(new Set(both.map(({ taken }) => taken.log)).size, 1)
  t.equal(new Set(both.map(({ taken }) => taken.term)).size, 2, 'one after the other')
})

const wrong: [what: string, spoil: (world: World, known: KnownLog) => unknown, code: string, says: RegExp][] = [
  [
    'no head, and the local file knows a log',
    ({ objects }, known) => objects.editHead(undefined) ?? known,
    'log-other',
    /the cluster has no log/
  ],
  ['no head, and documents', ({ objects }) => objects.editHead(undefined), 'log-damaged', /documents and no head/],
  [
    'another log',
    (_, known) => ({ ...known, log: 'another' }),
    'log-other',
    /belongs to log another, and the cluster has log log-/
  ],
  [
    'a local file that is ahead',
    (_, known) => ({ ...known, number: known.number + 100 }),
    'log-other',
    /the local file has batch \d+ of the log, and the cluster only batch \d+/
  ],
  ['a newer format', ({ objects }) => objects.editHead({ ...objects.head, format: 4 }), 'log-newer', /format 4/],
  [
    'a head of other keys',
    ({ objects }) => objects.editHead(sealHead(objects.head as never, otherKeys)),
    'log-damaged',
    /master key of this host/
  ],
  ['a head that was edited', ({ objects }) => objects.editHead({ ...objects.head, number: 1 }), 'log-damaged', /./],
  [
    'a document that is missing',
    ({ objects }, known) => objects.remove('b') ?? known,
    'log-damaged',
    /: b is missing$/
  ],
  [
    'a document that is missing, and no local file',
    ({ objects }) => objects.remove('b'),
    'log-damaged',
    /not those of its head$/
  ],
  [
    'a document that was edited',
    ({ objects }) => objects.edit('b', { ...objects.document('b')?.spec, number: 1 }),
    'log-damaged',
    /wrote its document b /
  ],
  [
    'a document under the name of another one',
    ({ objects }) => objects.edit('b', objects.document('a')?.spec),
    'log-damaged',
    /wrote its document b /
  ],
  ['a document of a newer format', ({ objects }) => objects.edit('b', { format: 9 }), 'log-newer', /document b/],
  [
    'a document from the future',
    ({ objects }) => {
      const { name, ...spec } = sealDocument(
        { name: 'b', text: '9', number: 2 ** 52, log: objects.head?.log ?? '' },
        keys
      )
      objects.edit(name, spec)
    },
    'log-damaged',
    /ends at batch \d+, but its document b are newer/
  ]
]
for (const [what, spoil, code, says] of wrong) {
  t.test(`refused: ${what}`, async (t) => {
    const { world, known } = await written()
    const knows = spoil(world, known) as KnownLog | undefined
    const documents = namesIn(world).map((name) => world.objects.document(name))
    const refusal = await refusalOf(world, knows)
    t.equal(refusal.code, code)
    t.match(refusal.causes, says)
    t.match(
      refusal.remedy,
      code === 'log-newer' ? /install that version/ : /store adopt --cluster.*store adopt --local/
    )
    t.equal(refusal.exitCode, 2)
    await world.clock.run(60_000)
    t.same(
      namesIn(world).map((name) => world.objects.document(name)),
      documents,
      'nothing is thrown away'
    )
  })
}

t.test('a document that was put back by hand is named by the local file', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, { a: '1' })
  await world.clock.run(3000)
  const old = world.objects.document('a')?.spec
  await write(world, server, { a: '2' })
  await world.clock.run(3000)
  const next = await world.start()
  const known = knownBy(next)
  world.objects.edit('a', old)
  t.match((await refusalOf(world, known)).causes, /: a is of batch \d+ and was of \d+$/)
})

t.test('etcd was restored while no server ran: who knows more is refused, and nothing is written', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  await write(world, server, { a: '1' })
  await world.clock.run(3000)
  const early = world.objects.snapshot()
  await write(world, server, { a: '2' })
  await world.clock.run(3000)
  const known = knownBy(await world.start())
  world.objects.restore(early)
  t.match(await refusalOf(world, known), { code: 'log-other' })
  t.same(world.objects.snapshot(), early)
})

t.test('after a restore the two ends of a log have no number in common', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  const early = world.objects.snapshot()
  const one = await world.start()
  const numbers = [await write(world, one, { a: '1' }), await write(world, one, { a: '2' })]
  world.objects.restore(early)
  const other = await world.start()
  const others = [await write(world, other, { a: '3' }), await write(world, other, { a: '4' })]
  t.same(
    numbers.filter((number) => others.includes(number)),
    []
  )
  t.ok(Number.isSafeInteger(others[1]) && (others[1] ?? 0) > server.taken.number)
})

t.test('a server that dies at any call of its take-over leaves everything for the next one', async (t) => {
  const kinds: Fate[] = [{ is: 'lost' }, { is: 'never' }]
  const counted = await written()
  const before = counted.world.objects.done.length
  await counted.world.start({ known: counted.known })
  const calls = counted.world.objects.done.length - before
  t.ok(calls >= 3)
  for (let dies = 0; dies < calls; dies += 1) {
    for (const kind of kinds) {
      const { world, known } = await written()
      let call = 0
      world.fate = () => {
        call += 1
        return call - 1 === dies ? kind : { is: 'answered' }
      }
      // it hears nothing more after that call
      const lease = { holds: true }
      const dying = takeOver(world.parts({ known, mayGoOn: () => (lease.holds &&= call <= dies) }))
      await world.clock.until(dying.then(({ close }) => close()).catch(() => undefined))
      world.fate = () => ({ is: 'answered' })
      t.same(textsOf(await world.start({ known })), { a: '1', b: '2', c: '3' }, `call ${dies}, ${kind.is}`)
    }
  }
})

t.test('each call of a take-over may be lost, late, never carried out or refused', async (t) => {
  const kinds: Fate[] = [
    { is: 'lost' },
    { is: 'late', by: 1 },
    { is: 'late', by: 5000 },
    { is: 'never' },
    { is: 'refused' }
  ]
  for (const kind of kinds) {
    for (let bad = 0; bad < 5; bad += 1) {
      for (const prepare of [written, async () => ({ world: makeWorld(), known: undefined })]) {
        const { world, known } = await prepare()
        let call = 0
        world.fate = () => {
          call += 1
          return call - 1 === bad ? kind : { is: 'answered' }
        }
        const server = await world.start({ known })
        world.fate = () => ({ is: 'answered' })
        await write(world, server, { d: '4' })
        await world.clock.run(10_000)
        t.same(server.deposed, [], `call ${bad}, ${kind.is}`)
        t.match(textsOf(await world.start()), { d: '4' })
      }
    }
  }
})

t.test('a take-over while the API server is away goes on when it is back, and ends with its lease', async (t) => {
  const { world } = await written()
  world.fate = () => ({ is: 'refused' })
  const waiting = world.start()
  await world.clock.run(60_000)
  world.fate = () => ({ is: 'answered' })
  t.match(textsOf(await waiting), { a: '1' })
  world.fate = () => ({ is: 'refused' })
  const lease = { holds: true }
  const ended = takeOver(world.parts({ mayGoOn: () => lease.holds })).catch((error: Error) => error.message)
  await world.clock.run(1000)
  lease.holds = false
  t.match(await world.clock.until(ended), /lease/)
})

t.test('two that take over at the same time: one goes on, the other one ends', async (t) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { world } = await written(seed)
    let place = 0
    world.fate = (): Fate => {
      place += 1
      return { is: 'answered', there: (place * seed * 7) % 13, back: (place * seed * 5) % 11 }
    }
    const both = await Promise.all([world.start(), world.start()].map((one) => one.catch((error: Error) => error)))
    const servers = both.filter((one): one is TestServer => !(one instanceof Error))
    for (const one of both) if (one instanceof Error) t.equal(one.message, overtaken)
    const answers = servers.map((server, index) => {
      const outcome = { durable: false }
      void server.taken.appender.append([{ name: 'd', text: String(index) }]).then(
        () => {
          outcome.durable = true
        },
        () => undefined
      )
      return outcome
    })
    await world.clock.run(60_000)
    t.equal(answers.filter(({ durable }) => durable).length, 1, `seed ${seed}`)
  }
})

t.test('what another server writes while this one reads is no damage', async (t) => {
  const { world } = await written()
  let other: Promise<unknown> | undefined
  world.fate = (call) => {
    if (call !== 'documents' || other !== undefined) return { is: 'answered' }
    other = takeOver(world.parts()).then(({ appender }) => appender.append([{ name: 'a', text: '9' }]))
    // a list is of one moment, so what the other one writes is only in the next list
    return { is: 'refused' }
  }
  await t.rejects(
    world.start(),
    { message: overtaken, cause: { code: 'log-damaged' } },
    'it ends as one that was too late'
  )
  await other
})

t.test('servers that die one after the other do not fill the head', async (t) => {
  const world = makeWorld()
  const server = await world.start()
  world.fate = (call: LogCall): Fate => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await write(world, server, { a: '1' })
  for (let death = 0; death < 30; death += 1) await (await world.start()).taken.close()
  t.equal(world.objects.head?.batches.length, 2)
  world.fate = () => ({ is: 'answered' })
  t.same(textsOf(await world.start()), { a: '1' })
})

t.test('a new key is used for all that is written, and old documents get it too', async (t) => {
  const { world } = await written()
  const both = await world.start({ keys: [otherKeys, keys] })
  t.same(textsOf(both), { a: '1', b: '2', c: '3' })
  await write(world, both, { d: '4' })
  await world.clock.run(10_000)
  t.same(textsOf(await world.start({ keys: [otherKeys] })), { a: '1', b: '2', c: '3', d: '4' })
  t.match(await refusalOf(world, undefined, { keys: [keys] }), { code: 'log-damaged' })
})

t.test('A1: rotated keys: a server that is killed at any document leaves what both keys open', async (t) => {
  const kinds: Fate[] = [{ is: 'lost' }, { is: 'never' }]
  for (const kind of kinds) {
    // the claim, a document each, and the batch that has the head by the new key
    for (let dies = 0; dies < 5; dies += 1) {
      const { world } = await written()
      let writes = 0
      const lease = { holds: true }
      world.fate = (call) => {
        if (call !== 'writeDocument' && call !== 'moveHead') return { is: 'answered' }
        writes += 1
        if (writes <= dies) return { is: 'answered' }
        lease.holds = false
        return kind
      }
      const budget = { ...budgets.clusterLog, gather: 0, atOnce: 1 }
      const parts = world.parts({ keys: [otherKeys, keys], budget, mayGoOn: () => lease.holds })
      const dying = takeOver(parts).catch(() => undefined)
      await world.clock.until(dying)
      await world.clock.run(10_000)
      t.notOk(lease.holds, `${kind.is} at write ${dies}`)
      world.fate = () => ({ is: 'answered' })
      const next = await world.start({ keys: [otherKeys, keys] })
      t.same(textsOf(next), { a: '1', b: '2', c: '3' }, `${kind.is} at write ${dies}`)
      await world.clock.run(10_000)
      t.same([next.deposed, next.alerts], [[], []])
      t.same(textsOf(await world.start({ keys: [otherKeys] })), { a: '1', b: '2', c: '3' }, 'the old key is not needed')
    }
  }
})

/** Puts the head back into a format of before, as a server of then left it. */
const ofFormat = (format: 1 | 2, world: World): void => {
  const documents = world.objects.names.map((name) => {
    const opened = openDocument(name, world.objects.document(name)?.spec, world.objects.head?.log ?? '', [keys])
    if (opened.is !== 'ours' || opened.text === null) throw new Error(name)
    return { name, number: opened.number, text: opened.text }
  })
  const head = world.objects.head as HeadSpec
  const digest = digestText(digestOf(documents, partsOf(keys, format)))
  world.objects.editHead(sealHead({ ...head, format, documents: digest }, keys))
}

for (const format of [1, 2] as const) {
  t.test(`a log of format ${format} is proven by its own digest, and is of this format soon after`, async (t) => {
    const { world, known } = await written()
    ofFormat(format, world)
    const server = await world.start({ known })
    t.same(textsOf(server), { a: '1', b: '2', c: '3' })
    t.equal(world.objects.head?.format, format, 'the documents prove its digest before it gets another one')
    await world.clock.run(5000)
    t.match(world.objects.head, { format: headFormat, term: server.taken.term, batches: { length: 0 } })
    t.same(server.deposed, [])
    t.same(textsOf(await world.start({ known: knownBy(server) })), { a: '1', b: '2', c: '3' })
  })
}

t.test('a log of format 1: a document that is missing is refused, and the head stays as it is', async (t) => {
  const { world } = await written()
  ofFormat(1, world)
  world.objects.remove('b')
  t.match(await refusalOf(world), { code: 'log-damaged' })
  await world.clock.run(5000)
  t.equal(world.objects.head?.format, 1)
})

t.test('a server that is killed at any call while it takes a log of format 1 over leaves it whole', async (t) => {
  for (let dies = 0; dies < 8; dies += 1) {
    const { world, known } = await written()
    ofFormat(1, world)
    let call = 0
    const lease = { holds: true }
    world.fate = () => {
      call += 1
      if (call <= dies) return { is: 'answered' }
      lease.holds = false
      return { is: 'lost' }
    }
    await world.clock.until(takeOver(world.parts({ known, mayGoOn: () => lease.holds })).catch(() => undefined))
    await world.clock.run(5000)
    world.fate = () => ({ is: 'answered' })
    const next = await world.start({ known })
    await write(world, next, { d: '4' })
    t.same(textsOf(await world.start({ known })), { a: '1', b: '2', c: '3', d: '4' }, `at call ${dies}`)
  }
})

t.test('a new head is of the newest key', async (t) => {
  const world = makeWorld()
  await world.start({ keys: [otherKeys, keys] })
  t.not(await refusalOf(world, undefined, { keys: [keys] }), undefined)
  t.match(emptyHead('a', 'b', keys), { number: 0, term: 0, batches: { length: 0 } })
})

t.test('A2: a mark that was not settled is never replaced by one for less', async (t) => {
  const { world } = await written()
  const mark = (restored: Restored) => ({ name: 'mark', text: JSON.stringify(restored) })
  const claim = (restored: Restored | undefined) =>
    world.clock.until(
      claimHead(world.parts(), { ...world.parts(), mark, judge: () => ({ is: 'known', ...given({ restored }) }) })
    )
  const marked = async (): Promise<Restored> => {
    const batches = world.objects.head?.batches ?? []
    const documents = batches.flatMap((batch) => unpackBatch(batch))
    return JSON.parse(documents.findLast(({ name }) => name === 'mark')?.text ?? 'null')
  }
  const earlier = { why: 'earlier', before: '2026-01-01T00:00:00.000Z', upTo: 1 }
  const first = await claim(earlier)
  t.same(await marked(), earlier)
  await claim(undefined)
  t.same(await marked(), earlier, 'a server that knows the log leaves it')
  const later = { why: 'later', before: '2026-02-01T00:00:00.000Z', upTo: first.head.number }
  const second = await claim(later)
  t.same(await marked(), { why: 'later' }, 'for two forks everything is settled')
  t.equal(second.terms.at(-1)?.upTo, undefined)
  await claim(later)
  t.same(await marked(), { why: 'later' })
})
