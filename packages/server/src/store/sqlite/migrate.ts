import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '@joinery/protocol'
import { type Migration, migrations } from './migrations.ts'

/** Version of the stores that this program makes. */
export const storeVersion = migrations.length

/**
 * Brings the store to the last version, a step at a time: each step is there as a whole with its number, or not at all.
 * Twins take turns. A test may pass its own `steps`.
 */
export const migrate = (database: DatabaseSync, steps: readonly Migration[] = migrations): void => {
  while (versionOf(database) < steps.length) {
    database.exec('BEGIN IMMEDIATE')
    try {
      // a twin may have been faster
      const version = versionOf(database)
      steps[version]?.up(database)
      database.exec(`PRAGMA user_version = ${Math.min(version + 1, steps.length)}; COMMIT`)
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK')
    }
  }
}

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

const newer = (file: string, version: number): ProblemError =>
  new ProblemError('store-newer', {
    detail: `${file} was written by a newer joinery-server: it has version ${version}, and this one knows up to ${storeVersion}`,
    remedy: 'install that joinery-server again, or restore a backup that was made before the upgrade'
  })
