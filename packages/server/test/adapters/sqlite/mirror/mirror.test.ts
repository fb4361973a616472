import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { ProblemError } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { memoryLog } from '@joinery/testing/log/memory-log'
import t from 'tap'
import { sqliteStore } from '../../../../src/adapters/sqlite/sqlite-store.ts'
import { summed } from '../../../../src/adapters/sqlite/summed.ts'
import type { Change } from '../../../../src/core/ports/store/change.ts'
import type { Store, WritableStore } from '../../../../src/core/ports/store/store.ts'
import { dump, newFile, opened, openWorld } from './mirror-fixture.ts'

const never = new Promise<void>(() => {})
const entryOf = (detail: string) => ({
  at: '2026-01-01T00:00:00.000Z',
  actor: 'server',
  event: 'test',
  detail,
  alert: false
})

/** The use of a code by a machine: both are there, or none. */
const use = (id: string): Change => ({
  codes: [aCode('c', { revision: 1, enrolment: id })],
  enrolments: [anEnrolment(id)],
  entries: [{ subject: id, entry: entryOf('enrol') }],
  leaves: [`{"of":"${id}"}`]
})

/** What a server knows of that use. */
const seen = async (store: WritableStore) => ({
  enrolment: (await store.code('c'))?.enrolment,
  enrolments: (await store.enrolments()).map(({ id }) => id),
  entries: (await store.timeline('e')).length,
  leaves: await store.audit.countWaiting()
})
const nothing = { enrolment: undefined, enrolments: [], entries: 0, leaves: 0 }
const all = { enrolment: 'e', enrolments: ['e'], entries: 1, leaves: 1 }

/** Lets a server be killed on the way of its batch, and says what the next one finds, on its file and on a new one. */
const killed = async (t: Parameters<typeof openWorld>[0], where: 'before' | 'after') => {
  const world = openWorld(t)
  const file = await newFile(t)
  const store = world.server(file)
  await store.commit({ codes: [aCode('c')] })
  world.log.ways[where] = () => never
  let isAnswered = false
  void store.commit(use('e')).then(() => {
    isAnswered = true
  })
  for (let turns = 5; turns > 0; turns -= 1) await turn()
  t.same(await seen(store), nothing, 'nobody reads it before it is durable here, too')
  world.log.ways[where] = async () => {}
  return { world, found: [await seen(world.server(file)), await seen(world.server())], isAnswered: () => isAnswered }
}

t.test('a crash before the log has the batch leaves nothing of it', async (t) => {
  const { world, found } = await killed(t, 'before')
  t.same(found, [nothing, nothing])
  t.equal(await world.server().commit(use('e')), 'committed', 'and the machine comes again')
})

t.test('a crash after the log has the batch, and before the file, leaves all of it', async (t) => {
  const { world, found, isAnswered } = await killed(t, 'after')
  t.same(found, [all, all])
  t.equal(isAnswered(), false)
  t.equal(await world.server().commit(use('f')), 'stale', 'and the code is used')
})

t.test('a crash after the answer leaves all of it', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const store = world.server(file)
  await store.commit({ codes: [aCode('c')] })
  t.equal(await store.commit(use('e')), 'committed')
  t.same([await seen(world.server(file)), await seen(world.server())], [all, all])
})

t.test('of twins that use one code, one wins, also while a batch is under way', async (t) => {
  const world = openWorld(t)
  const store = world.server()
  await store.commit({ codes: [aCode('c')] })
  const ways = Promise.withResolvers<void>()
  world.log.ways.before = () => ways.promise
  const first = store.commit(use('e'))
  await turn()
  await turn()
  const others = [store.commit(use('f')), store.commit(use('g'))]
  await turn()
  t.equal(world.log.batches.length, 1, 'the others wait')
  ways.resolve()
  t.same(await Promise.all([first, ...others]), ['committed', 'stale', 'stale'])
  t.same(await seen(store), all)
  t.equal(world.log.batches.length, 2, 'a batch of which nothing is committed is not for the log')
})

t.test('what is asked for while a batch is under way is one batch', async (t) => {
  const world = openWorld(t)
  const store = world.server()
  const ways = Promise.withResolvers<void>()
  world.log.ways.before = () => ways.promise
  const commits = ['a', 'b', 'c', 'd'].map(async (id, index) => {
    for (let turns = index * 3; turns > 0; turns -= 1) await turn()
    return store.commit({ codes: [aCode(id)] })
  })
  for (let turns = 15; turns > 0; turns -= 1) await turn()
  ways.resolve()
  t.same(await Promise.all(commits), Array(4).fill('committed'))
  t.same(
    world.log.batches.map((batch) => batch.map(({ name }) => name)),
    [['subject.a'], ['subject.b', 'subject.c', 'subject.d']]
  )
})

t.test('an answer that comes late comes to what was asked, and nobody reads the batch before', async (t) => {
  const world = openWorld(t)
  const store = world.server()
  await store.commit({ codes: [aCode('c')] })
  const ways = Promise.withResolvers<void>()
  world.log.ways.after = () => ways.promise
  const committed = store.commit(use('e'))
  for (let turns = 5; turns > 0; turns -= 1) await turn()
  t.same(await seen(store), nothing)
  t.match(await store.sizes(new Date(0)), { rows: { enrolments: 0, timeline: 0 } })
  ways.resolve()
  t.equal(await committed, 'committed')
  t.same(await seen(store), all)
  t.match(await store.sizes(new Date(0)), { rows: { enrolments: 1, timeline: 1 }, states: { pending: 1 } })
})

t.test('a batch that the log refuses is refused to all who asked, and changes nothing', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const store = world.server(file)
  await store.commit({ codes: [aCode('c')] })
  const before = dump(file)
  world.log.ways.before = async () => {
    throw new ProblemError('store-unavailable', { detail: 'the API server does not answer' })
  }
  const refused = await Promise.allSettled([store.commit(use('e')), store.commit({ codes: [aCode('d')] })])
  t.match(refused, [
    { status: 'rejected', reason: { code: 'store-unavailable' } },
    { status: 'rejected', reason: { code: 'store-unavailable' } }
  ])
  t.same(dump(file), before)
  t.equal(
    await store.commit({ enrolments: [anEnrolment('e')], tried: true }),
    'committed',
    'what is only tried needs no log'
  )
  t.equal(await store.commit({ codes: [aCode('c')] }), 'stale', 'nor does what is refused')
  world.log.ways.before = async () => {}
  t.equal(await store.commit(use('e')), 'committed', 'and the next one is another matter')
  t.same(world.ends, [])
})

t.test('a check says that the log does not answer, or that its appender is in trouble', async (t) => {
  const world = openWorld(t)
  let trouble: Error | undefined
  const requireLog = () => {
    if (trouble !== undefined) throw trouble
  }
  const store = world.server(':memory:', { requireLog })
  await t.resolves(store.check())
  trouble = new Error('the documents are too many bytes')
  await t.rejects(store.check(), trouble)
  trouble = undefined
  world.log.ways.before = () => never
  void store.commit({ codes: [aCode('c')] })
  await turn()
  await turn()
  await t.resolves(store.check(), 'it may be slow')
  world.advance(6000)
  await t.rejects(store.check(), { code: 'store-unavailable' })
})

const hands: [what: string, sql: string][] = [
  ['another result', "UPDATE codes SET revision = 7 WHERE id = 'c'"],
  ['another document', "INSERT INTO timeline VALUES (100, 'e', 'server', '{}')"],
  ['more documents', 'DELETE FROM codes']
]

for (const [what, sql] of hands) {
  t.test(
    `a batch that the log has, and that has ${what} in the file, ends the process and is answered to nobody`,
    async (t) => {
      const world = openWorld(t)
      const file = await newFile(t)
      const store = world.server(file)
      await store.commit({ codes: [aCode('c')] })
      const other = new DatabaseSync(file)
      t.teardown(() => other.close())
      // another hand on the file
      world.log.ways.after = async () => other.exec(sql)
      let isSettled = false
      const settled = () => {
        isSettled = true
      }
      void store.commit(use('e')).then(settled, settled)
      for (let turns = 5; turns > 0; turns -= 1) await turn()
      t.equal(world.ends.length, 1)
      void store.commit({ codes: [aCode('d')] }).then(settled, settled)
      for (let turns = 5; turns > 0; turns -= 1) await turn()
      t.equal(isSettled, false, 'nor is anything after it')
      t.equal(world.log.batches.length, 2)
      t.same(await seen(world.server()), all, 'the next server has it')
    }
  )
}

t.test('another hand that changes nothing of a batch holds up nobody', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const store = world.server(file)
  const other = new DatabaseSync(file)
  t.teardown(() => other.close())
  world.log.ways.after = async () => other.exec('UPDATE probe SET writes = 9; CREATE TABLE something (id TEXT)')
  t.equal(await store.commit({ codes: [aCode('c')] }), 'committed')
  t.same(world.ends, [])
})

t.test('a change that cannot be written is refused alone', async (t) => {
  const world = openWorld(t)
  const store = world.server()
  const broken = { codes: [aCode('x', { hash: null as unknown as string })] }
  const results = await Promise.allSettled([
    store.commit({ codes: [aCode('a')] }),
    store.commit(broken),
    store.commit({ codes: [aCode('b')] })
  ])
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled']
  )
  t.same(
    (await store.codes()).map(({ id }) => id),
    ['a', 'b']
  )
})

t.test('a change whose document the cluster cannot hold is refused alone', async (t) => {
  const world = openWorld(t)
  world.log.ways.refuses = ({ name, text }) => (Number(text?.length) > 5_000 ? `${name} is too large` : undefined)
  const store = world.server()
  const results = await Promise.allSettled([
    store.commit({ codes: [aCode('a')] }),
    store.commit({ enrolments: [anEnrolment('e', { reason: 'x'.repeat(9_000) })] }),
    store.commit({ codes: [aCode('b')] })
  ])
  t.match(results, [
    { value: 'committed' },
    { reason: { name: 'DocumentTooLarge', code: 'store-unavailable', message: /subject.e is too large/ } },
    { value: 'committed' }
  ])
  t.equal(await store.enrolment('e'), undefined)
  t.equal(await store.commit({ enrolments: [anEnrolment('e')] }), 'committed', 'and it may be smaller')
  await t.resolves(store.check(), 'the server is ready')
})

t.test('a batch holds what the head has room for, and what more is asked for is the next one', async (t) => {
  const world = openWorld(t)
  const store = world.server()
  const long = 'x'.repeat(100_000)
  const ids = Array.from({ length: 10 }, (_, index) => `e${index}`)
  const commits = ids.map((id) => store.commit({ enrolments: [anEnrolment(id, { reason: long })] }))
  t.same(
    await Promise.all(commits),
    ids.map(() => 'committed')
  )
  t.same(
    (await store.enrolments()).map(({ id }) => id),
    ids,
    'in the order in which they came'
  )
  t.ok(world.log.batches.length >= 3)
  for (const batch of world.log.batches) t.ok(batch.length <= 4)
  const changes = ids.map((id) => anEnrolment(id, { revision: 1, reason: long, state: 'expired' }))
  const before = world.log.batches.length
  t.equal(await store.commit({ enrolments: changes }), 'committed')
  t.equal(world.log.batches.length, before + 1, 'one change is never cut here')
})

t.test('a store that is closed lets the batch under way end, and takes nothing more', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const store = world.server(file)
  const ways = Promise.withResolvers<void>()
  world.log.ways.before = () => ways.promise
  const committed = store.commit({ codes: [aCode('a')] })
  store.close()
  await t.rejects(store.commit({ codes: [aCode('b')] }), { code: 'store-unavailable' })
  await turn()
  ways.resolve()
  t.equal(await committed, 'committed')
  await store.closed
  await t.rejects(store.codes(), { code: 'ERR_INVALID_STATE' })
  t.same(
    (await world.server(file).codes()).map(({ id }) => id),
    ['a']
  )
})

t.test('only what differs is read again, and what the log does not have goes', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const mine = world.server(file)
  await mine.commit({ codes: [aCode('a'), aCode('b'), aCode('c')] })
  mine.close()
  const other = world.server()
  await other.commit({ codes: [aCode('a', { revision: 1, enrolment: 'e' })] })
  await other.commit({ gone: { enrolments: [], codes: [{ id: 'b', revision: 1 }] } })
  // a document that is as it was is not even looked at
  world.log.documents.set('subject.c', { number: 1, text: 'not JSON' })
  const again = world.server(file)
  t.match(await again.codes(), [{ id: 'a', enrolment: 'e' }, { id: 'c' }])
})

t.test('the file knows its log, its number and its documents', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const first = opened(t, file)
  t.equal(first.known(), undefined)
  first.close()
  const store = world.server(file)
  await store.commit({ codes: [aCode('a')] })
  await store.commit({ codes: [aCode('b')], generation: 1 })
  store.close()
  t.same(opened(t, file).known(), {
    log: 'log-1',
    number: 2,
    documents: new Map([
      ['store', 2],
      ['subject.a', 1],
      ['subject.b', 2]
    ])
  })
})

t.test('a file that follows a log is refused with store: file, and one with a store of its own by a log', async (t) => {
  const world = openWorld(t)
  const [copy, own] = [await newFile(t), await newFile(t)]
  world.server(copy).close()
  t.throws(() => sqliteStore(copy), { message: /is a copy of the log that the cluster has.*set store: cluster/ })
  const store = sqliteStore(own)
  await store.commit({ codes: [aCode('a')] })
  store.close()
  t.throws(() => world.server(own), { message: /is a store of its own, and this server .* store: cluster.*store move/ })
  t.match(await sqliteStore(own).codes(), [{ id: 'a' }], 'and stays as it is')
  t.throws(() => openWorld(t, memoryLog('log-2')).server(copy), {
    message: /follows the log log-1, and the cluster has the log log-2.*store adopt/
  })
})

const rowOf = (id: string, more: object = {}) => {
  const { key, name, state, since, ...rest } = anEnrolment(id)
  const document = summed({ key, name, state, since, ...rest }, 1)
  return { rowid: 1, id, key, name, state, since, revision: 1, document, ...more }
}
const textOf = (part: unknown, rows: unknown): string => JSON.stringify({ part, rows })
const hostile: [what: string, name: string, text: string, reason: RegExp][] = [
  ['no JSON', 'subject.e', '{"part":', /no JSON object/],
  ['another JSON', 'subject.e', '[]', /no JSON object/],
  ['a part that there is not', 'subject.e', textOf(['other', 'e'], {}), /no part of a store/],
  ['a key that is no text', 'subject.e', textOf(['subject', 1], {}), /no part of a store/],
  ['something beside it', 'subject.e', '{"part":["subject","e"],"rows":{},"more":1}', /no part of a store/],
  ['the name of another', 'subject.f', textOf(['subject', 'e'], {}), /of something else/],
  ['a table of others', 'subject.e', textOf(['subject', 'e'], { leaves: [] }), /a subject has no leaves/],
  ['a table that is only here', 'subject.e', textOf(['subject', 'e'], { log: [] }), /a subject has no log/],
  ['a row that is none', 'subject.e', textOf(['subject', 'e'], { enrolments: [1] }), /no object/],
  [
    'a column that there is not',
    'subject.e',
    textOf(['subject', 'e'], { enrolments: [rowOf('e', { more: 1 })] }),
    /no column more/
  ],
  [
    'a value that is neither',
    'subject.e',
    textOf(['subject', 'e'], { enrolments: [rowOf('e', { rowid: {} })] }),
    /neither text nor a number/
  ],
  ['a flipped bit', 'subject.e', textOf(['subject', 'e'], { enrolments: [rowOf('e', { revision: 2 })] }), /checksum/],
  [
    'a state beside its document',
    'subject.e',
    textOf(['subject', 'e'], { enrolments: [rowOf('e', { state: 'ready' })] }),
    /state .* differs/
  ],
  [
    'a column of no value',
    'subject.e',
    textOf(['subject', 'e'], { enrolments: [{ ...rowOf('e'), name: null }] }),
    /differs/
  ],
  [
    'the row of another',
    'subject.e',
    textOf(['subject', 'e'], { enrolments: [rowOf('f', { rowid: 100 })] }),
    /rows of enrolments of something else/
  ],
  [
    'the place of another',
    'subject.e',
    textOf(['subject', 'e'], { enrolments: [rowOf('e', { rowid: 7 })] }),
    /do not fit/
  ],
  [
    'no text where one must be',
    'subject.e',
    textOf(['subject', 'e'], { timeline: [{ sequence: 1, subject: 'e', actor: null, entry: null }] }),
    /do not fit/
  ]
]

t.test('a document that is not ours is refused by its name, and the file stays as it was', async (t) => {
  const world = openWorld(t)
  const file = await newFile(t)
  const store = world.server(file)
  await store.commit({ codes: [aCode('c')] })
  store.close()
  const other = world.server()
  await other.commit({ enrolments: [1, 2, 3, 4, 5, 6, 7].map((index) => anEnrolment(`other-${index}`)) })
  const before = dump(file)
  for (const [what, name, text, reason] of hostile) {
    world.log.documents.set(name, { number: 9, text })
    t.throws(
      () => world.server(file),
      { message: new RegExp(`the document ${name} of the log.*${reason.source}`) },
      what
    )
    t.same(dump(file), before, what)
    world.log.documents.delete(name)
  }
  t.equal((await world.server(file).enrolments()).length, 7)
})

t.test(
  'the newest ended enrolments are in the cluster, and older ones only in the file that saw them end',
  async (t) => {
    const world = openWorld(t)
    const file = await newFile(t)
    const store = world.server(file, { endedKept: 2 })
    const end = (id: string, more: EnrolmentPart = { settled: true }) =>
      store.commit({
        enrolments: [anEnrolment(id, { state: 'expired', since: `2026-01-0${id}T00:00:00.000Z` }, more)],
        entries: [{ subject: id, entry: entryOf(id) }]
      })
    for (const id of ['3', '1', '4']) await end(id)
    t.same([...world.log.documents.keys()].sort(), ['sequences', 'subject.3', 'subject.4'])
    await end('2', { settled: true, join: { attempts: [anAttempt('aaaaaa')] } })
    await end('5', { settled: true, certificates: { nameBanned: true } })
    await end('6', {})
    await end('7', { settled: true, state: 'pending' })
    t.ok(
      ['2', '5', '6', '7'].every((id) => world.log.documents.has(`subject.${id}`)),
      'who guards a name, or is not over, stays'
    )
    t.ok(world.log.documents.has('subject.3'), 'and takes the place of none')
    const ids = async (one: Store) => (await one.enrolments()).map(({ id }) => id).sort()
    t.same(await ids(store), ['1', '2', '3', '4', '5', '6', '7'])
    store.close()
    t.same(await ids(world.server(file, { endedKept: 2 })), ['1', '2', '3', '4', '5', '6', '7'], 'the file has all')
    t.same(await ids(world.server(':memory:', { endedKept: 2 })), ['2', '3', '4', '5', '6', '7'])
  }
)

t.test('an enrolment that was let go and is live again is in the cluster again', async (t) => {
  const world = openWorld(t)
  const store = world.server(':memory:', { endedKept: 0 })
  await store.commit({ enrolments: [anEnrolment('e', { state: 'expired', settled: true })] })
  t.equal(world.log.documents.has('subject.e'), false)
  await store.commit({ enrolments: [anEnrolment('e', { state: 'pending', revision: 1 })] })
  t.match(await world.server().enrolment('e'), { state: 'pending', revision: 2 })
})

t.test('what is only tried, or refused, lets no ended enrolment go', async (t) => {
  const world = openWorld(t)
  const store = world.server(':memory:', { endedKept: 0 })
  const ended = Array.from({ length: 60 }, (_, index) => anEnrolment(`e${index}`, { state: 'expired', settled: true }))
  await store.commit({ enrolments: ended })
  // a batch lets 50 go, so the next one that is written lets go of those that are left
  const stay = [...world.log.documents.keys()]
  t.equal(stay.length, 10)
  t.equal(await store.commit({ enrolments: [anEnrolment('f')], tried: true }), 'committed')
  t.equal(await store.commit({ codes: [aCode('c', { revision: 1 })] }), 'stale')
  t.same([...world.log.documents.keys()], stay)
  t.equal(world.log.batches.length, 1)
  await store.commit({ codes: [aCode('c')] })
  t.same([...world.log.documents.keys()], ['subject.c'], 'what is written does')
})

t.test('a place that was given is not given again by another server, whatever became of its row', async (t) => {
  const world = openWorld(t)
  const store = world.server()
  await store.commit({ entries: ['a', 'b'].map((detail) => ({ subject: 'e', entry: entryOf(detail) })) })
  const place = await store.notices.lastPlace()
  await store.commit({ untold: ['e'] })
  const next = world.server()
  await next.commit({ entries: [{ subject: 'f', entry: entryOf('c') }] })
  t.equal(await next.notices.lastPlace(), place + 1, 'so a webhook that was at the place misses nothing')
})

t.test('a timeline that was written without bounds is brought within them when its store moves', async (t) => {
  const file = await newFile(t)
  sqliteStore(file).close()
  const database = new DatabaseSync(file)
  const insert = database.prepare('INSERT INTO timeline (subject, actor, entry) VALUES (?, ?, ?)')
  const write = (actor: string, detail: string, alert = false) =>
    insert.run('e', actor, summed({ ...entryOf(detail), actor, alert }))
  for (let index = 0; index < 600; index += 1) {
    write('agent', `${index} ${'a'.repeat(1_000)}`)
    write('cluster', `${index} ${'c'.repeat(1_000)}`)
    write('cluster', `${index} ${'x'.repeat(100)}`, true)
  }
  database.close()
  const mirror = opened(t, file)
  const text = mirror.documents().find(({ name }) => name === 'subject.e')?.text
  t.ok(Number(text?.length) < 160_000, String(text?.length))
  const rows = (JSON.parse(text ?? '') as { rows: { timeline: { actor: string; entry: string }[] } }).rows.timeline
  const details = (which: string) =>
    rows
      .filter(({ actor, entry }) => which === (entry.includes('"alert":true') ? 'alerts' : actor))
      .map(({ entry }) => {
        const { detail } = JSON.parse(entry) as { detail: string }
        return Number(detail.split(' ')[0])
      })
  t.equal(details('agent')[0], 0, 'of an agent the first entries stay')
  t.equal(details('cluster').at(-1), 599, 'of the cluster the last ones')
  t.same([details('alerts').length, details('alerts')[0], details('alerts').at(-1)], [40, 0, 599])
  t.equal(mirror.documents().find(({ name }) => name === 'subject.e')?.text, text, 'and that is done once')
})
