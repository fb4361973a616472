import { open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'

/**
 * Overwrites the page at which a table begins, in the file on disk, as a failing disk does. A server that has the file open
 * reads it there again, because somebody else wrote a row meanwhile. Gives what puts the page back.
 */
export const damage = async (file: string, table: string): Promise<() => Promise<void>> => {
  const position = await touch(file, (database) => {
    const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table) ?? {}
    return (Number(rootpage) - 1) * pageSize
  })
  const page = Buffer.alloc(pageSize)
  const handle = await open(file, 'r+')
  await handle.read(page, 0, pageSize, position)
  await handle.write(Buffer.alloc(pageSize, 'x'), 0, pageSize, position)
  await handle.close()
  return async () => {
    const again = await open(file, 'r+')
    await again.write(page, 0, pageSize, position)
    await again.close()
    await touch(file, () => {})
  }
}

const pageSize = 4096

const touch = async <T>(file: string, work: (database: DatabaseSync) => T): Promise<T> => {
  const database = new DatabaseSync(file)
  database.exec('UPDATE probe SET writes = writes + 1; PRAGMA wal_checkpoint(TRUNCATE)')
  try {
    return work(database)
  } finally {
    database.close()
  }
}
