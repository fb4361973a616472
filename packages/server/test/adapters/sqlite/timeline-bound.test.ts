import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { parseSummed, summed } from '../../../src/adapters/sqlite/summed.ts'
import { timelineWriter } from '../../../src/adapters/sqlite/timeline/timeline-writer.ts'
import { entriesKept } from '../../../src/core/ports/store/timeline.ts'

t.test(
  'S7: a timeline of before these bounds keeps the beginning of what an agent did, and the end of all others',
  async (t) => {
    const database = openDatabase(join(t.testdir({}), 'joinery.db'))
    const insert = database.prepare('INSERT INTO timeline (subject, actor, entry) VALUES (?, ?, ?)')
    const at = '2026-01-01T00:00:00.000Z'
    database.exec('BEGIN')
    for (const actor of ['agent', 'server']) {
      for (let number = 0; number < entriesKept + 10; number += 1)
        insert.run('e', actor, summed({ at, actor, event: 'observe', detail: `${number}`, alert: false }))
    }
    timelineWriter(database).bound('e')
    database.exec('COMMIT')
    const detailsOf = (actor: string): string[] =>
      database
        .prepare('SELECT entry FROM timeline WHERE subject = ? AND actor = ? ORDER BY sequence')
        .all('e', actor)
        .map(({ entry }) => parseSummed<{ detail: string }>(String(entry)).detail)
    const ends = (details: string[]) => [details.length, details[0], details.at(-1)]
    t.same(ends(detailsOf('agent')), [entriesKept, '0', `${entriesKept - 1}`])
    t.same(ends(detailsOf('server')), [entriesKept, '10', `${entriesKept + 9}`])
    database.close()
  }
)
