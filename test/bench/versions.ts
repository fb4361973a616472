import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What the figures depend on, in a line. */
export const versions = (): string => {
  const root = resolve(import.meta.dirname, '../..')
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }
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
