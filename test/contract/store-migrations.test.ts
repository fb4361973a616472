import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { hasEnded, holdsName, isLive, isReconciled, statesThat } from '@joinery/protocol'
import { migrate, migrations, sqliteStore, storeVersion, summed } from '@joinery/server/testing/store'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import type { Test } from 'tap'
import t from 'tap'
import { type EarlierStore, earlierStores } from './earlier-stores.ts'

const newFile = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-store-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return join(folder, 'joinery.db')
}

/** The step that gave each document a checksum. */
const firstWithSums = 4

/** The step that put enrolments into parts. */
const firstWithParts = 17

/** An enrolment as programs before that step wrote it, and as it is in parts. */
const flat = (part: object) => {
  const { terms, approval, diagnosis, certificates, join, conflict, ...others } = anEnrolment('e')
  return { ...others, lastAttempt: 0, conflicts: [], attempts: [], ...part }
}

/** The step that made the generation. A store of that step is made empty here, and knows it. */
const firstWithGeneration = 8

const alert = { at: '2026-01-01T00:00:00.000Z', actor: 'server', event: 'test', detail: '', alert: true }

/** A store of an earlier program, with a code, an enrolment and an alert where it had tables for them. */
const madeBy = async (t: Test, { version, schema = '' }: EarlierStore): Promise<string> => {
  const file = await newFile(t)
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; ${schema}`)
  if (schema === '') migrate(database, migrations.slice(0, version))
  database.exec(`PRAGMA user_version = ${version}`)
  const text = (document: object, revision: number) =>
    version < firstWithSums ? JSON.stringify(document) : summed(document, revision)
  if (version > 0) {
    const code = aCode('c')
    const enrolment = version < firstWithParts ? flat({ state: 'approved' }) : anEnrolment('e', { state: 'approved' })
    database.prepare('INSERT INTO codes VALUES (?, ?, 1, ?)').run('c', code.hash, text(code, 1))
    const { key, name, state, since } = enrolment
    const row = ['e', key, name, state, since, text(enrolment, 1)]
    database.prepare('INSERT INTO enrolments VALUES (?, ?, ?, ?, ?, 1, ?)').run(...row)
    database.prepare("INSERT INTO timeline VALUES (1, 'e', 'server', ?)").run(text(alert, 0))
  }
  database.close()
  return file
}

const look = <T>(file: string, work: (database: DatabaseSync) => T): T => {
  const database = new DatabaseSync(file)
  try {
    return work(database)
  } finally {
    database.close()
  }
}
const versionOf = (file: string): unknown =>
  look(file, (database) => database.prepare('PRAGMA user_version').get()?.user_version)
const shapeOf = (file: string): unknown =>
  look(file, (database) =>
    database
      .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
      .all()
      .map(({ name, sql }) => [
        name,
        String(sql)
          .replace(/\s+/g, ' ')
          .replace(/ ?([()]) ?/g, '$1')
      ])
  )

/** A file with the tables of one version and the number of another. */
const migrated = (file: string, version: number, number: number, sql = ''): void =>
  look(file, (database) => {
    migrate(database, migrations.slice(0, version))
    database.exec(`PRAGMA user_version = ${number}; ${sql}`)
  })

t.test('there is a store of each earlier version to try', async (t) => {
  const versions = new Set(earlierStores.map(({ version }) => version))
  t.same(
    [...versions].sort((one, other) => one - other),
    Array.from({ length: storeVersion }, (_, version) => version)
  )
})

for (const earlier of earlierStores) {
  t.test(
    `${earlier.name} (version ${earlier.version}) becomes like a new store, and keeps its documents`,
    async (t) => {
      const file = await madeBy(t, earlier)
      const store = sqliteStore(file)
      if (earlier.version > 0) {
        t.same(await store.code('c'), aCode('c', { revision: 1 }))
        t.same(await store.enrolment('e'), anEnrolment('e', { revision: 1, state: 'approved' }))
        t.same(await store.alerts(new Date(0), 1), { count: 1, last: [{ subject: 'e', entry: alert }] })
      }
      t.same(await store.outsiders(), [])
      const isKnownEmpty = earlier.version === 0 || earlier.version >= firstWithGeneration
      t.same(await store.generation(), isKnownEmpty ? { number: 0, origin: 'empty' } : { number: 0 })
      await store.check()
      store.close()
      const fresh = await newFile(t)
      sqliteStore(fresh).close()
      t.same(shapeOf(file), shapeOf(fresh))
      t.equal(versionOf(file), storeVersion)
    }
  )

  t.test(`${earlier.name} (version ${earlier.version}) is migrated by one of two processes`, async (t) => {
    const file = await madeBy(t, earlier)
    const stores = [sqliteStore(file), sqliteStore(file)]
    for (const store of stores) t.equal((await store.codes()).length, earlier.version === 0 ? 0 : 1)
    for (const store of stores) store.close()
    t.equal(versionOf(file), storeVersion)
  })
}

t.test('a file without heads gets them, and the owner of each token', async (t) => {
  const file = await newFile(t)
  const attempt = { tokenId: 'bbbbbb', claimed: '', deadline: '', refusedCsrs: [] }
  const enrolment = flat({ state: 'removed', attempts: [{ ...attempt, number: 1 }] })
  look(file, (database) => {
    migrate(database, migrations.slice(0, 2))
    const insert = database.prepare("INSERT INTO enrolments VALUES (?, ?, 'n', 'removed', ?, 1, ?)")
    insert.run('e', enrolment.key, enrolment.since, JSON.stringify({ ...enrolment, name: 'n' }))
    insert.run('f', 'key of f', enrolment.since, 'damaged')
  })
  const store = sqliteStore(file)
  t.teardown(() => store.close())
  t.match(await store.headsByToken(['bbbbbb']), [{ id: 'e', claimed: true }])
  await t.rejects(store.check(), { code: 'store-damaged' }, 'what was damaged before is damaged after it')
})

t.test('an index that was too wide or too narrow is made right again', async (t) => {
  const [, , other] = earlierStores
  const store = sqliteStore(await madeBy(t, other as EarlierStore))
  t.teardown(() => store.close())
  const twin = anEnrolment('f', { key: 'key of e' })
  t.equal(await store.commit({ enrolments: [twin] }), 'key-taken')
  const namesake = anEnrolment('g', { name: 'name-of-e', state: 'approved' })
  t.equal(await store.commit({ enrolments: [namesake] }), 'name-taken')
})

t.test('the indexes are for the present states of the table', async (t) => {
  const file = await newFile(t)
  sqliteStore(file).close()
  const states = (index: string) =>
    look(file, (database) =>
      String(database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(index)?.sql)
        .match(/'[a-z]+'/g)
        ?.map((state) => state.slice(1, -1))
    )
  t.same(states('one_live_enrolment_per_key'), statesThat(isLive), 'else append a migration')
  t.same(states('one_holder_per_name'), statesThat(holdsName), 'else append a migration')
  const notEnded = statesThat((one) => !hasEnded(one))
  t.same(states('names_after_a_claim'), notEnded, 'else append a migration')
  const unreconciled = statesThat((one) => !isReconciled(one))
  t.same(states('unsettled_enrolments'), unreconciled, 'else append a migration')
})

t.test('a step that fails or is cut leaves the whole version before it', async (t) => {
  const file = await newFile(t)
  sqliteStore(file).close()
  const before = shapeOf(file)
  const broken = {
    what: 'half of a step',
    up: (database: DatabaseSync) => database.exec('CREATE TABLE half (id TEXT); SELECT broken')
  }
  look(file, (database) =>
    t.throws(() => migrate(database, [...migrations, broken]), { message: /no such column: broken/ })
  )
  t.same([versionOf(file), shapeOf(file)], [storeVersion, before])
  const whole = { what: 'all of it', up: (database: DatabaseSync) => database.exec('CREATE TABLE half (id TEXT)') }
  look(file, (database) => migrate(database, [...migrations, whole]))
  t.equal(versionOf(file), storeVersion + 1, 'and is done again')
})

t.test(
  'N3: a number that an older program wrote over that of the store is set right, and nothing is lost',
  async (t) => {
    const file = await newFile(t)
    const before = sqliteStore(file)
    await before.commit({ codes: [aCode('c')] })
    before.close()
    // as the program of version 1 did at each start, before it saw tables that it did not know
    for (const number of [0, 1, 2, 8, storeVersion - 1]) {
      look(file, (database) => database.exec(`PRAGMA user_version = ${number}`))
      const store = sqliteStore(file)
      t.match(await store.code('c'), { id: 'c' }, `${number}`)
      store.close()
      t.equal(versionOf(file), storeVersion)
    }
  }
)

t.test('a step does not run over tables of another version', async (t) => {
  for (const [what, change] of [
    ['tables between two versions', (file: string) => migrated(file, 9, 9, 'DROP TABLE generation')],
    ['a table that somebody changed', (file: string) => migrated(file, 9, 9, 'ALTER TABLE codes ADD COLUMN more TEXT')],
    ['an index that is gone', (file: string) => migrated(file, 9, 9, 'DROP INDEX one_holder_per_name')],
    ['documents that may have a checksum, or none', (file: string) => migrated(file, firstWithSums, 1)]
  ] as const) {
    const file = await newFile(t)
    change(file)
    const shape = shapeOf(file)
    t.throws(() => sqliteStore(file), { code: 'store-damaged', message: /version \d, and its tables are not/ }, what)
    t.same(shapeOf(file), shape, `${what}: nothing was changed`)
  }
})

t.test('what somebody put beside the tables of a store is left alone', async (t) => {
  const file = await newFile(t)
  migrated(file, 9, 9, 'CREATE TABLE notes (text TEXT); CREATE INDEX codes_by_day ON codes (id)')
  sqliteStore(file).close()
  t.equal(versionOf(file), storeVersion)
})

t.test('a store of a newer program is refused, and not a byte of it is written', async (t) => {
  const file = await newFile(t)
  sqliteStore(file).close()
  const newer = new DatabaseSync(file)
  newer.exec(`PRAGMA user_version = ${storeVersion + 6}; DROP INDEX one_holder_per_name`)
  // as after a kill: its last commits are in the WAL, and whoever closes it as a writer moves them
  const bytes = () => ['', '-wal'].map((part) => readFileSync(`${file}${part}`).toString('base64'))
  const before = bytes()
  t.throws(() => sqliteStore(file), {
    code: 'store-newer',
    message: `${file} was written by a newer joinery-server: it has version ${storeVersion + 6}, and this one knows up to ${storeVersion}`,
    text: { remedy: /install that joinery-server again/ }
  })
  t.same(bytes(), before)
  newer.close()
  t.equal(versionOf(file), storeVersion + 6)
})
