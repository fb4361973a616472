import { DatabaseSync } from 'node:sqlite'
import { memoryLog } from '@joinery/testing/log/memory-log'
import t from 'tap'
import { partOfRow } from '../../../../src/adapters/sqlite/mirror/parts.ts'
import { carryOut } from './histories.ts'
import { dump, newFile, opened, openWorld } from './mirror-fixture.ts'

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

const seeds = [1, 2, 3]
const changes = 120

t.test('a new file has after any history what the one has that wrote it, row by row', async (t) => {
  let letGo = 0
  for (const seed of seeds) {
    const world = openWorld(t)
    const [file, fresh] = [await newFile(t), await newFile(t)]
    const store = world.server(file, { endedKept })
    const committed = await carryOut(store, seed, changes)
    store.close()
    t.ok(committed > 50, `${committed} changes were committed`)
    letGo += idsLetGo(file).size
    world.server(fresh, { endedKept }).close()
    t.strictSame(dump(fresh), shared(file), `seed ${seed}`)
    t.same(world.ends, [])
  }
  t.ok(letGo > 0, 'enrolments were let go')
})

t.test('a file that stood still for a while becomes what the log is, and keeps only what was let go', async (t) => {
  for (const seed of seeds) {
    const world = openWorld(t)
    const [mine, others] = [await newFile(t), await newFile(t)]
    const server = (file: string) => world.server(file, { endedKept })
    // each in its turn, and each goes on with the places that the other gave
    for (const [turn, file] of [mine, others, mine, others].entries()) {
      const store = server(file)
      await carryOut(store, 100 * seed + turn, changes / 3)
      store.close()
    }
    server(mine).close()
    t.strictSame(shared(mine), shared(others), `seed ${seed}`)
  }
})

t.test(
  'the documents are those of all rows, whatever wrote them, and a log can be written again from the file',
  async (t) => {
    for (const seed of seeds) {
      const world = openWorld(t)
      const [file, fresh] = [await newFile(t), await newFile(t)]
      const store = world.server(file)
      await carryOut(store, 1000 + seed, changes)
      store.close()
      const mirror = opened(t, file)
      const documents = mirror.documents().map(({ name, text }) => [name, text] as const)
      // these have rows before anything is written, and the last places are written when a row goes
      const isWritten = (name: string) =>
        !['audit', 'sequences', 'store'].includes(name) || world.log.documents.has(name)
      const texts = [...world.log.documents].map(([name, { text }]) => [name, text] as const)
      const sorted = (some: (readonly [string, string])[]) => some.filter(([name]) => name !== 'sequences').sort()
      t.strictSame(sorted(documents.filter(([name]) => isWritten(name))), sorted(texts))

      const again = memoryLog('log-2')
      for (const [name, text] of documents) again.documents.set(name, { number: 1, text })
      mirror.follow({ log: 'log-2', number: 1, documents: new Map(documents.map(([name]) => [name, 1])) })
      mirror.close()
      const other = openWorld(t, again)
      other.server(file).close()
      other.server(fresh).close()
      t.strictSame(dump(fresh), dump(file))
    }
  }
)

t.test('each table is in the log, or is made of those that are, or is only of this file', async (t) => {
  const file = await newFile(t)
  openWorld(t).server(file).close()
  const database = new DatabaseSync(file)
  const names = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .all()
    .map(({ name }) => name)
  database.close()
  const own = ['attempts', 'probe', 'log', 'log_documents', 'kept_ended', 'let_go']
  t.same(names.sort(), [...Object.keys(partOfRow), ...own].sort())
})
