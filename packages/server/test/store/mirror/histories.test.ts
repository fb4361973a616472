import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { partRows } from '../../../src/store/sqlite/mirror/part-rows.ts'
import { nameOf, type Part, partOfRow } from '../../../src/store/sqlite/mirror/parts.ts'
import { carryOut } from './histories.ts'
import { dump, newFile, openWorld } from './mirror-fixture.ts'

/** So few that histories let enrolments go. */
const endedKept = 1

/** What another server has of a file: everything but the enrolments that the cluster let go. */
const shared = (file: string): Record<string, unknown[]> => {
  const gone = idsLetGo(file)
  const isShared = (row: unknown): boolean => {
    const { id, subject, enrolment } = row as Record<string, unknown>
    return ![id, subject, enrolment].some((one) => gone.has(one))
  }
  return Object.fromEntries(Object.entries(dump(file)).map(([table, rows]) => [table, rows.filter(isShared)]))
}

const idsLetGo = (file: string): Set<unknown> => {
  const database = new DatabaseSync(file, { readOnly: true })
  const ids = new Set<unknown>(
    database
      .prepare('SELECT enrolment FROM let_go')
      .all()
      .map(({ enrolment }) => enrolment)
  )
  database.close()
  return ids
}

const seeds = [1, 2, 3, 4, 5, 6]

t.test('a new file has after any history what the one has that wrote it, row by row', async (t) => {
  for (const seed of seeds) {
    const world = openWorld(t)
    const [file, fresh] = [await newFile(t), await newFile(t)]
    const store = world.server(file, { endedKept })
    const committed = await carryOut(store, seed, 150)
    store.close()
    t.ok(committed > 50, `${committed} changes were committed`)
    t.ok(idsLetGo(file).size > 0, 'enrolments were let go')
    world.server(fresh, { endedKept }).close()
    t.strictSame(dump(fresh), shared(file), `seed ${seed}`)
    t.same(world.ends, [])
  }
})

t.test('a file that stood still for a while becomes what the log is, and keeps only what was let go', async (t) => {
  for (const seed of seeds) {
    const world = openWorld(t)
    const [mine, others] = [await newFile(t), await newFile(t)]
    const server = (file: string) => world.server(file, { endedKept })
    // each in its turn, and each goes on with the places that the other gave
    for (const [turn, file] of [mine, others, mine, others].entries()) {
      const store = server(file)
      await carryOut(store, 100 * seed + turn, 50)
      store.close()
    }
    server(mine).close()
    t.strictSame(shared(mine), shared(others), `seed ${seed}`)
  }
})

t.test('the documents are those of all rows, whatever wrote them', async (t) => {
  for (const seed of seeds) {
    const world = openWorld(t)
    const file = await newFile(t)
    const store = world.server(file)
    await carryOut(store, 1000 + seed, 100)
    store.close()
    const { texts } = allDocuments(file)
    // these have rows before anything is written
    for (const name of ['audit', 'store']) if (!world.log.documents.has(name)) texts.delete(name)
    const inLog = [...world.log.documents].filter(([name]) => name !== 'sequences')
    t.strictSame(new Map(inLog.map(([name, { text }]) => [name, text])), texts)
  }
})

t.test('each table is in the log, or is made of those that are, or is only of this file', async (t) => {
  const file = await newFile(t)
  openWorld(t).server(file).close()
  const { names } = allDocuments(file)
  const own = ['attempts', 'probe', 'log', 'log_documents', 'kept_ended', 'let_go']
  t.same(names.sort(), [...Object.keys(partOfRow), ...own].sort())
})

/** The documents of all rows of a file, and the names of all of its tables. */
const allDocuments = (file: string): { texts: Map<string, string | null>; names: unknown[] } => {
  const database = new DatabaseSync(file)
  const rows = partRows(database)
  const texts = new Map<string, string | null>()
  for (const [table, part] of Object.entries(partOfRow)) {
    const sql = `SELECT ${part('new').replaceAll('new.', '')} AS part FROM ${table}`
    for (const row of database.prepare(sql).all()) {
      const one: Part = JSON.parse(String(row.part))
      texts.set(nameOf(one), rows.textOf(one))
    }
  }
  const names = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .all()
    .map(({ name }) => name)
  database.close()
  return { texts, names }
}
