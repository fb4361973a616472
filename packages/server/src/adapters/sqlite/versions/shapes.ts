import { DatabaseSync } from 'node:sqlite'
import { migrations } from '../migrations.ts'

/** The tables and indexes of a store: its name and kind, and by which text each was made. */
type Shape = ReadonlyMap<string, string>

/** Versions in which a program made indexes by its own definition. Only their tables are proven: step 2 makes each index anew. */
const loose = 1

/** Names of the tables that a store of such a version may have. */
const looseTables = ['codes', 'enrolments', 'timeline', 'probe', 'outsiders'].map((name) => `table ${name}`)

/**
 * Versions whose tables and indexes this store has. A step that only changes documents leaves them as they were, so there may be two.
 * What no step ever made does not count.
 */
export const versionsOf = (database: DatabaseSync): number[] => {
  const [found, known] = [shapeOf(database), shapes()]
  const made = new Set(known.flatMap((shape) => [...shape.keys()]))
  const own = new Map([...found].filter(([name]) => made.has(name)))
  return known.flatMap((shape, version) => {
    const fits = version <= loose ? hasOnlyLoose(own, known[loose + 1] as Shape) : isSame(own, shape)
    return fits ? [version] : []
  })
}

const isSame = (one: Shape, other: Shape): boolean =>
  one.size === other.size && [...one].every(([name, text]) => other.get(name) === text)

const hasOnlyLoose = (found: Shape, later: Shape): boolean =>
  [...found].every(
    ([name, text]) => name.startsWith('index ') || (looseTables.includes(name) && later.get(name) === text)
  )

/** The shape of each version, as the steps make it, from that of an empty file on. */
const shapes = (): readonly Shape[] => {
  known ??= makeShapes()
  return known
}
let known: readonly Shape[] | undefined

const makeShapes = (): Shape[] => {
  const database = new DatabaseSync(':memory:')
  try {
    return [
      shapeOf(database),
      ...migrations.map(({ up }) => {
        up(database)
        return shapeOf(database)
      })
    ]
  } finally {
    database.close()
  }
}

const shapeOf = (database: DatabaseSync): Shape =>
  new Map(
    database
      .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
      .all()
      .map(({ type, name, sql }) => [`${type} ${name}`, inOneForm(String(sql))])
  )

/** The text without what says nothing. Programs wrote the same table in other lines. */
const inOneForm = (sql: string): string => sql.replace(/\s+/g, ' ').replace(/ ?([()]) ?/g, '$1')
