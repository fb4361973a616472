import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * Overwrites the page at which a table begins, in the file on disk, as a failing disk does. A server that has the file open
 * reads it there again, because somebody else writes a row afterwards. Gives what puts the page back.
 */
export const damage = (file: string, table: string): (() => void) => {
  const position = touch(file, (database) => {
    const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table) ?? {}
    return (Number(rootpage) - 1) * pageSize
  })
  const page = readPage(file, position)
  // no server of this process has a turn between what is written and the row after it: it would remember the page as it was
  const write = (bytes: Buffer): void => {
    const handle = openSync(file, 'r+')
    writeSync(handle, bytes, 0, pageSize, position)
    closeSync(handle)
    touch(file, () => {})
  }
  write(Buffer.alloc(pageSize, 'x'))
  return () => write(page)
}

const pageSize = 4096

const readPage = (file: string, position: number): Buffer => {
  const page = Buffer.alloc(pageSize)
  const handle = openSync(file, 'r')
  readSync(handle, page, 0, pageSize, position)
  closeSync(handle)
  return page
}

const touch = <T>(file: string, work: (database: DatabaseSync) => T): T => {
  const database = new DatabaseSync(file)
  database.exec('UPDATE probe SET writes = writes + 1; PRAGMA wal_checkpoint(TRUNCATE)')
  try {
    return work(database)
  } finally {
    database.close()
  }
}
