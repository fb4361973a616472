import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '@joinery/protocol'
import { type Migration, migrations } from '../migrations.ts'
import { anotherStore } from '../sqlite-problem.ts'
import { versionsOf } from './shapes.ts'

/** Version of the stores that this program makes. */
export const storeVersion = migrations.length

/**
 * Brings the store to the last version, a step at a time: each step is there as a whole with its number, or not at all.
 * Twins take turns. A test may pass its own `steps`. Throws `store-damaged` if the store has not the tables of its version.
 */
export const migrate = (database: DatabaseSync, steps: readonly Migration[] = migrations): void => {
  withinOne(database, () => setVersion(database, provenVersion(database)))
  while (versionOf(database) < steps.length) {
    withinOne(database, () => {
      // a twin may have been faster
      const version = versionOf(database)
      steps[version]?.up(database)
      setVersion(database, Math.min(version + 1, steps.length))
    })
  }
}

const withinOne = (database: DatabaseSync, work: () => void): void => {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

/**
 * The version that the tables show. A program from before there were numbered steps writes its number over that of a newer store,
 * and changes nothing else: the tables are right then.
 */
const provenVersion = (database: DatabaseSync): number => {
  const number = versionOf(database)
  // a newer store than these steps make is somebody else's to judge, and an empty file needs no proof
  if (number > storeVersion || isEmpty(database)) return number
  const shown = versionsOf(database)
  if (shown.includes(number)) return number
  const [version, another] = shown
  if (version === undefined || another !== undefined) {
    throw anotherStore(
      `it says that it has version ${number}, and its tables are not those of that version: another program or a person changed it`
    )
  }
  return version
}

const isEmpty = (database: DatabaseSync): boolean => database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined

/**
 * Throws `store-newer` if a newer program made the store. The check only reads the file: such a store is whole for that
 * program.
 */
export const refuseNewer = (file: string): void => {
  if (!existsSync(file)) return
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const version = versionOf(database)
    if (version > storeVersion) throw newer(file, version)
  } finally {
    database.close()
  }
}

const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version)

const setVersion = (database: DatabaseSync, version: number): void => {
  if (version !== versionOf(database)) database.exec(`PRAGMA user_version = ${version}`)
}

const newer = (file: string, version: number): ProblemError =>
  new ProblemError('store-newer', {
    detail: `${file} was written by a newer joinery-server: it has version ${version}, and this one knows up to ${storeVersion}`,
    remedy: 'install that joinery-server again, or restore a backup that was made before the upgrade'
  })
