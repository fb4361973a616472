import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { WritableStore } from '@joinery/server/testing/store'
import { sqliteStore } from '@joinery/server/testing/store'
import { aCode } from '@joinery/testing/documents/code'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { anOutsider } from '@joinery/testing/documents/outsider'
import type { Test } from 'tap'
import t from 'tap'
import { damage } from './damage.ts'
import { storeContract } from './store-contract.ts'

// some hundred tests, beside those with a browser
t.setTimeout(240_000)

const closing = (t: Test, store: WritableStore): WritableStore => {
  t.teardown(() => store.close())
  return store
}
const newFile = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-store-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return join(folder, 'joinery.db')
}

storeContract(t, 'SQLite on file', async (t) => closing(t, sqliteStore(await newFile(t))))

// its statements are those of a file; what asks whether there is one is the way to open it, the check and the size
t.test('a store in memory takes commits, passes its check and has no file', async (t) => {
  const store = closing(t, sqliteStore(':memory:'))
  t.equal(await store.commit({ enrolments: [anEnrolment('e')] }), 'committed')
  t.match(await store.enrolment('e'), { revision: 1 })
  await t.resolves(store.check())
  const { bytes, rows } = await store.sizes(new Date())
  t.match({ bytes, rows }, { bytes: { database: 0, wal: 0 }, rows: { enrolments: 1 } })
})

t.test('committed documents are there after the file was opened again, also by two servers at once', async (t) => {
  const file = await newFile(t)
  const [one, two] = [closing(t, sqliteStore(file)), closing(t, sqliteStore(file))]
  await one.commit({ codes: [aCode('c')] })
  t.match(await two.code('c'), { revision: 1 })
  const use = (store: WritableStore, enrolment: string) =>
    store.commit({ codes: [aCode('c', { revision: 1, enrolment })], enrolments: [anEnrolment(enrolment)] })
  t.same([await use(one, 'e'), await use(two, 'f')], ['committed', 'stale'])
})

t.test('only the own user can read the files, whatever the umask is and was', async (t) => {
  const umask = process.umask(0o022)
  t.teardown(() => process.umask(umask))
  const modes = async (file: string) => {
    const store = closing(t, sqliteStore(file))
    await store.commit({ codes: [aCode('c')] })
    return ['', '-wal', '-shm'].map((part) => statSync(`${file}${part}`).mode & 0o777)
  }
  t.same(await modes(await newFile(t)), [0o600, 0o600, 0o600])
  const earlier = await newFile(t)
  for (const part of ['', '-wal', '-shm']) await writeFile(`${earlier}${part}`, '', { mode: 0o644 })
  t.same(await modes(earlier), [0o600, 0o600, 0o600])
})

t.test('the names of codes are looked up by an index', async (t) => {
  const file = await newFile(t)
  closing(t, sqliteStore(file))
  const look = new DatabaseSync(file)
  t.teardown(() => look.close())
  const plan = (sql: string) => JSON.stringify(look.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  const byName = `SELECT 1 FROM codes WHERE json_valid(document) AND document ->> '$.name' = 'db-1'`
  t.match(plan(byName), /USING INDEX codes_by_name/)
  const unused = `SELECT document ->> '$.name' FROM codes WHERE json_valid(document)
    AND document ->> '$.enrolment' IS NULL AND document ->> '$.revoked' IS NULL AND document ->> '$.expires' > '2026'`
  t.match(plan(unused), /USING (COVERING )?INDEX unused_codes/)
})

t.test('heads are looked up by indexes, and a deleted enrolment takes its tokens along', async (t) => {
  const file = await newFile(t)
  const store = closing(t, sqliteStore(file))
  await store.commit({ enrolments: [anEnrolment('e', { state: 'ready', join: { attempts: [anAttempt('aaaaaa')] } })] })
  const look = new DatabaseSync(file)
  t.teardown(() => look.close())
  const plan = (sql: string) => JSON.stringify(look.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  t.match(plan(`SELECT enrolment FROM attempts WHERE token IN ('aaaaaa')`), /INDEX attempts_by_token/)
  t.match(plan(`SELECT 1 FROM attempts WHERE enrolment = 'e'`), /PRIMARY KEY/)
  look.exec(`DELETE FROM enrolments WHERE id = 'e'`)
  t.same(look.prepare('SELECT count(*) AS count FROM attempts').get()?.count, 0)
})

t.test('two servers on one file give a free name once', async (t) => {
  const file = await newFile(t)
  const [one, two] = [closing(t, sqliteStore(file)), closing(t, sqliteStore(file))]
  const taken = [
    await one.takenNames(new Date('2026-01-01T00:10:00Z')),
    await two.takenNames(new Date('2026-01-01T00:10:00Z'))
  ]
  t.same(taken, [new Set(), new Set()])
  const enrol = (store: WritableStore, id: string) =>
    store.commit({ enrolments: [anEnrolment(id, { name: 'edge-1' })], unclaimed: ['edge-1'] })
  t.same([await enrol(one, 'e'), await enrol(two, 'f')], ['committed', 'stale'])
})

t.test('a server that is killed loses nothing that it acknowledged, and keeps no half of a commit', async (t) => {
  const file = await newFile(t)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'inside/commit-until-killed.ts'), file])
  let acknowledged = ''
  child.stdout.on('data', (chunk) => {
    acknowledged += chunk
    if (acknowledged.length > 2000) child.kill('SIGKILL')
  })
  t.same(await once(child, 'exit'), [null, 'SIGKILL'])
  const ids = acknowledged.split('\n').slice(0, -1)
  const store = closing(t, sqliteStore(file))
  const codes = new Set((await store.codes()).map(({ id }) => id))
  const enrolments = new Set((await store.enrolments()).map(({ id }) => id))
  t.ok(ids.length > 100, `${ids.length} were acknowledged`)
  t.same(
    ids.filter((id) => !codes.has(id) || !enrolments.has(id)),
    []
  )
  t.same([...codes], [...enrolments], 'a code and its enrolment come together')
  const decided = new Set((await store.decided([...ids, ...enrolments])).map(({ uid }) => uid))
  t.same(decided, enrolments, 'and so does the Decision that was settled with them')
})

t.test('a file that is no database is not opened, and the error does not show its text', async (t) => {
  const file = await newFile(t)
  await writeFile(file, 'not a database'.repeat(1000))
  t.throws(() => sqliteStore(file), {
    code: 'store-damaged',
    message: `${file} is damaged, or no database`,
    text: { remedy: /away together; start it on an empty store/ }
  })
})

t.test('the error about a file that cannot be opened names it, and what to look at', async (t) => {
  const file = join(await newFile(t), 'nowhere', 'joinery.db')
  t.throws(() => sqliteStore(file), {
    code: 'store-unavailable',
    message: `${file} cannot be read or written`,
    text: { remedy: /owner/ }
  })
})

const damaged = {
  code: 'store-damaged',
  message: 'the database is damaged',
  text: { remedy: /away together; start it on an empty store/ }
}

/** A store with a code and an enrolment, in a file. */
const filled = async (t: Test) => {
  const file = await newFile(t)
  const store = closing(t, sqliteStore(file))
  await store.check()
  const entries = [{ subject: 'e', entry }]
  await store.commit({ codes: [aCode('c')], enrolments: [anEnrolment('e')], outsiders: [anOutsider('o')], entries })
  return { file, store }
}
const entry = { at: '2026-01-01T00:00:00.000Z', actor: 'server', event: 'test', detail: '', alert: false }

t.test('a store that was found damaged says so from then on, and acknowledges nothing', async (t) => {
  const { file, store } = await filled(t)
  damage(file, 'enrolments')
  await t.rejects(store.enrolment('e'), damaged)
  await t.rejects(store.check(), damaged)
  t.match(await store.code('c'), { id: 'c' }, 'what is whole can still be read')
  await t.rejects(store.check(), damaged, 'and proves nothing of the rest')
  await t.rejects(store.commit({ codes: [aCode('d')] }), damaged)
  t.equal(await store.code('d'), undefined)
})

t.test('trouble that comes after damage does not hide it', async (t) => {
  const { file, store } = await filled(t)
  damage(file, 'enrolments')
  await t.rejects(store.enrolment('e'), damaged)
  const other = new DatabaseSync(file)
  other.exec('DROP TABLE probe')
  other.close()
  await t.rejects(store.check(), { code: 'store-unavailable' })
  await t.rejects(store.commit({ codes: [aCode('d')] }), damaged)
})

t.test('a write finds damage as a read does', async (t) => {
  const { file, store } = await filled(t)
  damage(file, 'enrolments')
  await t.rejects(store.commit({ codes: [aCode('d')], enrolments: [anEnrolment('f')] }), damaged)
  await t.rejects(store.check(), damaged)
  t.equal(await store.code('d'), undefined, 'half of a commit is none')
})

t.test('a store that a check found whole again goes on', async (t) => {
  const { file, store } = await filled(t)
  const putBack = damage(file, 'enrolments')
  await t.rejects(store.enrolment('e'), damaged)
  putBack()
  await t.rejects(store.commit({ codes: [aCode('d')] }), damaged, 'not before')
  await t.resolves(store.check())
  t.equal(await store.commit({ codes: [aCode('d')] }), 'committed')
})

const rows: [table: string, column: string, read: (store: WritableStore) => Promise<unknown>][] = [
  ['codes', 'document', (store) => store.codes()],
  ['enrolments', 'document', (store) => store.enrolment('e')],
  ['outsiders', 'document', (store) => store.outsiders()],
  ['timeline', 'entry', (store) => store.timeline('e')]
]

for (const [table, column, read] of rows) {
  t.test(`a damaged row of ${table} is damage`, async (t) => {
    const { file, store } = await filled(t)
    const other = new DatabaseSync(file)
    other.exec(`UPDATE ${table} SET ${column} = '{"id":"e",' || char(0) || '}'`)
    other.close()
    await t.rejects(read(store), damaged)
    await t.rejects(store.check(), damaged)
  })
}

const flips: [what: string, sql: string, read: (store: WritableStore) => Promise<unknown>][] = [
  [
    'a state in a document',
    `UPDATE enrolments SET document = replace(document, 'pending', 'approved')`,
    (s) => s.enrolment('e')
  ],
  ['a name in a code', `UPDATE codes SET document = replace(document, 'worker', 'worked')`, (s) => s.code('c')],
  ['a revision', 'UPDATE enrolments SET revision = 3', (s) => s.enrolments()],
  ['a name of an outsider', `UPDATE outsiders SET document = replace(document, '"o"', '"p"')`, (s) => s.outsiders()],
  ['an entry', `UPDATE timeline SET entry = replace(entry, 'false', 'true ')`, (s) => s.timeline('e')]
]

for (const [what, sql, read] of flips) {
  t.test(`${what} that a disk has changed is damage, although it is good JSON`, async (t) => {
    const { file, store } = await filled(t)
    const other = new DatabaseSync(file)
    other.exec(sql)
    other.close()
    await t.rejects(read(store), damaged, what)
    await t.rejects(store.check(), damaged, what)
    await t.rejects(store.commit({ codes: [aCode('d')] }), damaged, what)
  })
}

const unread: [what: string, spoil: (file: string) => unknown][] = [
  ['a page', (file) => damage(file, 'timeline')],
  ['a document', (file) => onDisk(file, `UPDATE codes SET document = replace(document, 'worker', 'worked')`)],
  ['the state of a row', (file) => onDisk(file, `UPDATE enrolments SET state = 'ready'`)],
  ['the hash of a code', (file) => onDisk(file, `UPDATE codes SET hash = 'other'`)]
]
const onDisk = (file: string, sql: string): void => {
  const other = new DatabaseSync(file)
  other.exec(sql)
  other.close()
}

for (const [what, spoil] of unread) {
  t.test(`damage of ${what} is found at the start, before anybody reads it`, async (t) => {
    const { file } = await filled(t)
    spoil(file)
    const next = closing(t, sqliteStore(file))
    await t.rejects(next.check(), damaged, what)
    await t.rejects(next.commit({ codes: [aCode('d')] }), damaged, what)
  })
}

t.test('a check writes as much as a commit', async (t) => {
  const file = await newFile(t)
  const store = closing(t, sqliteStore(file))
  const grown = async (work: () => Promise<unknown>) => {
    const before = statSync(`${file}-wal`).size
    await work()
    return statSync(`${file}-wal`).size - before
  }
  await store.check()
  const long = 'x'.repeat(10_000)
  const byCommit = await grown(() => store.commit({ enrolments: [anEnrolment('e', { reason: long })] }))
  const byCheck = await grown(() => store.check())
  t.ok(byCheck >= byCommit, `${byCheck} bytes by a check, ${byCommit} by a commit`)
})
