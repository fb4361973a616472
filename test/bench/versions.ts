import { cpus, release, totalmem } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { version } from '../cluster/product.ts'

/** What the figures depend on, in a line. */
export const versions = (): string => {
  const cores = cpus()
  return [
    `Joinery ${version}`,
    `Node ${process.versions.node}`,
    `SQLite ${sqliteVersion()}`,
    `OpenSSL ${process.versions.openssl}`,
    `Linux ${release()}`,
    `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`
  ].join(', ')
}

const sqliteVersion = (): string => {
  const database = new DatabaseSync(':memory:')
  const row = database.prepare('SELECT sqlite_version() AS version').get()
  database.close()
  return String(row?.version)
}
