import { randomBytes } from 'node:crypto'
import { budgets } from '@joinery/server/testing/base'
import {
  adoptCluster,
  adoptLocal,
  type HeadSpec,
  type KnownLog,
  type LogObjects,
  sealHead
} from '@joinery/server/testing/log'
import { seededFor } from '@joinery/testing/chance/seeded'
import type { Fate } from '@joinery/testing/log/fate'
import t from 'tap'
import { adopted } from '../../../../src/features/high-availability/log/memory/memory.ts'
import { keys, knownBy, makeWorld, namesIn, otherKeys, textsOf, type World } from './log-fixture.ts'

/** A world in which one server wrote a, b and c and ended, and what its local file has. */
const written = async (seed = 1) => {
  const world = makeWorld(seed)
  const server = await world.start()
  await world.clock.until(server.taken.appender.append(['a', 'b', 'c'].map((name) => ({ name, text: `"${name}"` }))))
  await world.clock.run(5000)
  await server.taken.close()
  const next = await world.start()
  await world.clock.run(5000)
  await next.taken.close()
  const documents = next.taken.documents.map(({ name, text }) => ({ name, text }))
  return { world, known: knownBy(next), documents, texts: textsOf(next) }
}

/** What a server that is active next has to settle. */
const marked = { mark: JSON.stringify(adopted) }

const cluster = (world: World, known?: KnownLog) => world.clock.until(adoptCluster({ ...world.parts(), known }))

const local = (world: World, documents: { name: string; text: string }[]) =>
  world.clock.until(adoptLocal({ ...world.parts(), documents }))

t.test('adopted from the cluster: a restored log goes on, beyond what the local file knows', async (t) => {
  const { world, known, texts } = await written()
  const early = world.objects.snapshot()
  const server = await world.start({ known })
  await world.clock.until(server.taken.appender.append([{ name: 'd', text: '4' }]))
  await world.clock.run(5000)
  const ahead = knownBy(await world.start())
  world.objects.restore(early)
  await t.rejects(world.start({ known: ahead }), { code: 'log-other' })
  t.match(await cluster(world, ahead), { log: known.log, documents: 3, differed: false })
  const next = await world.start()
  t.same(textsOf(next), { ...texts, ...marked })
  t.ok(next.taken.number > ahead.number)
})

t.test('adopted from the cluster: what is there counts, if documents are not those of the head', async (t) => {
  const { world, known } = await written()
  world.objects.remove('b')
  await t.rejects(world.start({ known }), { code: 'log-damaged' })
  t.match(await cluster(world, known), { documents: 2, differed: true })
  t.same(textsOf(await world.start()), { a: '"a"', c: '"c"', ...marked })
})

t.test('adopted from the cluster: documents without a head get one', async (t) => {
  const { world, known, texts } = await written()
  world.objects.editHead(undefined)
  t.match(await cluster(world), { log: known.log, documents: 3 })
  t.same(textsOf(await world.start()), { ...texts, ...marked })
})

t.test('adopted from the cluster: open batches count', async (t) => {
  const { world, known } = await written()
  const server = await world.start()
  world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await world.clock.until(server.taken.appender.append([{ name: 'd', text: '4' }]))
  await server.taken.close()
  world.fate = () => ({ is: 'answered' })
  world.objects.remove('b')
  t.match(await cluster(world, known), { documents: 3, differed: true })
  t.same(textsOf(await world.start()), { a: '"a"', c: '"c"', d: '4', ...marked })
})

t.test('adopted from the cluster: what no server of these keys wrote is refused', async (t) => {
  const { world } = await written()
  world.objects.edit('b', { ...world.objects.document('b')?.spec, number: 1 })
  await t.rejects(cluster(world), { code: 'log-damaged' })
})

const losses: [what: string, lose: (world: World) => void][] = [
  ['everything', ({ objects }) => objects.restore({ head: undefined, documents: new Map() })],
  ['the head', ({ objects }) => objects.editHead(undefined)],
  ['a document', ({ objects }) => objects.remove('b')],
  ['nothing', () => undefined],
  ['the text of a document', ({ objects }) => objects.edit('b', 'x')],
  ['the mac of the head', ({ objects }) => objects.editHead({ ...objects.head, number: 1 })],
  ['the head, which other keys made', ({ objects }) => objects.editHead(sealHead(objects.head as never, otherKeys))]
]
for (const [what, lose] of losses) {
  t.test(`adopted from the local file, after ${what} was lost`, async (t) => {
    const { world, known, documents, texts } = await written()
    world.objects.edit('left-over', world.objects.document('a')?.spec)
    lose(world)
    const now = await local(world, documents)
    t.not(now.log, known.log)
    t.same([...now.documents.keys()].sort(), ['a', 'b', 'c'])
    await t.rejects(world.start({ known }), { code: 'log-other' }, 'another host has an older file')
    const next = await world.start({ known: now })
    t.same(textsOf(next), texts)
    t.same(namesIn(world), ['a', 'b', 'c'])
    t.ok(next.taken.number > now.number)
  })
}

/** The way on that a refusal names, if nothing can be counted on from the head. */
const makesAnew = new RegExp(
  [
    'kubectl --namespace joinery-system annotate --overwrite loghead joinery joinery.dev/allow-deletion=true',
    'kubectl --namespace joinery-system delete loghead joinery',
    'joinery-server store adopt --local$'
  ].join(' && ')
)

const uncountable: [what: string, over: object][] = [
  ['the highest number', { number: Number.MAX_SAFE_INTEGER }],
  ['the highest term', { term: Number.MAX_SAFE_INTEGER }],
  ['a number that leaves no room', { number: 2 ** 52 + 1 }],
  ['no number', { number: 'x' }],
  ['a format that there never was', { format: Number.MAX_SAFE_INTEGER }]
]
for (const [what, over] of uncountable) {
  t.test(`C12: ${what} in a forged head: the way on is named, and is one`, async (t) => {
    const { world, documents, texts } = await written()
    world.objects.editHead({ ...world.objects.head, ...over })
    const before = world.objects.snapshot()
    await t.rejects(local(world, documents), { code: /log-(damaged|newer)/, remedy: makesAnew })
    t.same(world.objects.snapshot(), before, 'nothing was written')
    world.objects.editHead(undefined)
    const now = await local(world, documents)
    t.same(textsOf(await world.start({ known: now })), texts)
  })
}

t.test('C12: a head that is forged far ahead is adopted over, and servers go on from there', async (t) => {
  const { world, documents, texts } = await written()
  world.objects.editHead({ ...world.objects.head, number: 2 ** 52, term: 2 ** 52, log: 'another' })
  const now = await local(world, documents)
  t.ok(now.number > 2 ** 52)
  for (let start = 0; start < 3; start += 1) {
    const server = await world.start({ known: now })
    t.same(textsOf(server), texts)
    await world.clock.until(server.taken.appender.append([{ name: 'a', text: '"a"' }]))
  }
})

t.test('C12: a head of these servers that has no number left is refused in words', async (t) => {
  const { world } = await written()
  const { mac: _, ...head } = world.objects.head as HeadSpec
  world.objects.editHead(sealHead({ ...head, number: Number.MAX_SAFE_INTEGER - 1, batches: [] }, keys))
  await t.rejects(world.start(), { code: 'log-damaged', remedy: makesAnew })
})

t.test('L12: adopted from the cluster: numbers go on beyond what this host saw while it stood by', async (t) => {
  const { world, known } = await written()
  // further than a take-over skips by chance
  const number = (world.objects.head?.number ?? 0) + 2 ** 33
  const seen = { logs: [{ log: known.log, number }] }
  await t.rejects(world.start({ known, seen }), { code: 'log-other' })
  const adopted = await world.clock.until(adoptCluster({ ...world.parts(), known, seen }))
  t.ok(adopted.number > number)
  t.ok(await world.start({ seen }), 'another host that only saw it goes on')
})

t.test('A1: adopted from the cluster: what is older there than in the local file is named', async (t) => {
  const { world } = await written()
  const server = await world.start()
  await world.clock.until(server.taken.appender.append([{ name: 'b', text: '"old"' }]))
  await world.clock.run(5000)
  const old = world.objects.document('b')?.spec
  await world.clock.until(server.taken.appender.append([{ name: 'b', text: '"new"' }]))
  await world.clock.run(5000)
  await server.taken.close()
  const known = knownBy(await world.start())
  // as somebody does who may write: no head any more, one document put back, another one gone
  world.objects.editHead(undefined)
  world.objects.edit('b', old)
  world.objects.remove('c')
  const adopted = await cluster(world, known)
  t.match(adopted.older, [/^b is of batch \d+ and was of \d+$/, /^c is missing$/])
})

t.test('adopted from the cluster: what the log deleted since is not named as missing', async (t) => {
  const { world, known } = await written()
  const server = await world.start({ known })
  await world.clock.until(server.taken.appender.append([{ name: 'b', text: null }]))
  await world.clock.run(budgets.clusterLog.late * 2)
  t.same(namesIn(world), ['a', 'c'], 'no grave is left')
  await server.taken.close()
  t.same((await cluster(world, known)).older, [])
  t.same((await cluster(world, { ...known, log: 'another' })).older, [], 'a file of another log compares with nothing')
})

t.test(
  'adopted from the local file: documents that the cluster cannot take are refused, and nothing is written',
  async (t) => {
    const { world } = await written()
    const before = world.objects.snapshot()
    const large = JSON.stringify(randomBytes(400_000).toString('base64'))
    await t.rejects(local(world, [{ name: 'large', text: large }]), { message: /large has \d+ bytes/ })
    const many = Array.from({ length: 3 }, (_, index) => ({ name: `a-${index}`, text: '1' }))
    const parts = world.parts({ budget: { ...budgets.clusterLog, total: 3000 } })
    await t.rejects(adoptLocal({ ...parts, documents: many }), { message: /bytes of etcd, and may take 3000/ })
    t.same(world.objects.snapshot(), before)
  }
)

t.test('adopted from the local file: a server that runs is deposed', async (t) => {
  const { world, documents } = await written()
  const running = await world.start()
  const now = await local(world, documents)
  let told = false
  void running.taken.appender.append([{ name: 'a', text: '"old"' }]).then(
    () => {
      told = true
    },
    () => undefined
  )
  await world.clock.run(60_000)
  t.notOk(told)
  t.match(running.deposed, [/another server/])
  t.match(textsOf(await world.start({ known: now })), { a: '"a"' })
})

t.test('adopting may be killed anywhere, and is done again from the beginning', async (t) => {
  for (let dies = 0; dies < 12; dies += 1) {
    const { world, documents, texts } = await written()
    world.objects.remove('b')
    let call = 0
    const stuck = adoptLocal({ ...world.parts(), documents, mayGoOn: () => call++ < dies })
    await world.clock.until(stuck.then(() => undefined).catch(() => undefined))
    const now = await local(world, documents)
    t.same(textsOf(await world.start({ known: now })), texts, `dies at call ${dies}`)
    const other = await written()
    other.world.objects.remove('b')
    call = 0
    const half = adoptCluster({ ...other.world.parts(), known: other.known, mayGoOn: () => call++ < dies })
    await other.world.clock.until(half.then(() => undefined).catch(() => undefined))
    await cluster(other.world, other.known)
    const { mark, ...found } = textsOf(await other.world.start())
    t.same(found, { a: '"a"', c: '"c"' })
    t.ok(mark)
  }
})

t.test('A2: what adopting has written half is adopted by no other host', async (t) => {
  for (const hasHead of [true, false]) {
    for (let writes = 0; writes < 4; writes += 1) {
      const { world, documents, texts } = await written()
      if (!hasHead) world.objects.restore({ head: undefined, documents: new Map() })
      const { objects } = world.parts()
      let left = writes
      const writeDocument: LogObjects['writeDocument'] = (...given) => {
        left -= 1
        return left < 0 ? Promise.reject(new Error('killed')) : objects.writeDocument(...given)
      }
      const dying = adoptLocal({ ...world.parts(), objects: { ...objects, writeDocument }, documents })
      const isKilled = await world.clock.until(
        dying.then(
          () => false,
          () => true
        )
      )
      if (!isKilled) continue
      const half = await world.clock.until(cluster(world).catch((error: unknown) => error))
      const isEmpty = !hasHead && writes === 0
      if (!isEmpty) t.match(half, { code: 'log-damaged' }, `${writes} writes, ${hasHead ? 'a head' : 'no head'}`)
      await local(world, documents)
      t.same(textsOf(await world.start()), isEmpty ? { ...texts } : texts)
    }
  }
})

t.test('adopting in bad weather', async (t) => {
  const kinds: Fate[] = [
    { is: 'lost' },
    { is: 'late', by: 700 },
    { is: 'never' },
    { is: 'refused' },
    { is: 'answered' }
  ]
  for (let seed = 1; seed <= 20; seed += 1) {
    const chance = seededFor(seed, 3)
    const { world, known, documents, texts } = await written(seed)
    world.objects.remove('b')
    world.fate = () => (chance.chance(0.4) ? chance.pick(kinds) : { is: 'answered' })
    const now = await local(world, documents)
    await world.clock.run(5000)
    await cluster(world, known)
    await world.clock.run(5000)
    world.fate = () => ({ is: 'answered' })
    t.same(textsOf(await world.start({ known: now })), { ...texts, ...marked }, `seed ${seed}`)
  }
})
