import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { errors } from 'jose'
import { StartRefusal } from '../../../core/base/start-refusal.ts'
import { type BackupContents, unsealBackup } from './seal-backup.ts'

const kind = 'joinery-backup '
const format = `${kind}1`

/**
 * Makes a backup file: a line with the kind, a line with the sealed contents, then the database to the end. It has no
 * names of files, and so no paths.
 */
export async function* backupFile(sealed: string, database: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${format}\n${sealed}\n`)
  yield* createReadStream(database)
}

export interface OpenedBackup {
  contents: BackupContents
  /** Bytes of the database. Throws `StartRefusal` at its end if it is not the database that was backed up. */
  database(): AsyncGenerator<Uint8Array>
}

/** Longest head of a backup, in bytes. Keys and a certificate are a few kilobytes. */
const longestHead = 64 * 1024

/** Reads a backup, whoever made it. Throws `StartRefusal` unless the file is a backup that this passphrase opens. */
export const openBackup = async (file: string, passphrase: string): Promise<OpenedBackup> => {
  const { sealed, begins } = await readHead(file)
  const contents = await unsealBackup(sealed, passphrase).catch((error: unknown) => {
    if (error instanceof errors.JWEDecryptionFailed) {
      throw new StartRefusal(`${file} does not open: the passphrase is wrong, or the file is damaged`)
    }
    throw noBackup(file)
  })
  return { contents, database: () => readDatabase(file, begins, contents.database) }
}

const readHead = async (file: string): Promise<{ sealed: string; begins: number }> => {
  const head = await withFile(file, async (handle) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestHead), 0, longestHead, 0)
    return buffer.subarray(0, bytesRead)
  })
  const first = head.indexOf('\n')
  const second = head.indexOf('\n', first + 1)
  const line = head.subarray(0, Math.max(first, 0)).toString('latin1')
  if (line.startsWith(kind) && line !== format) {
    throw new StartRefusal(
      `${file} was made by another joinery-server (${line.slice(0, 32)})`,
      'restore it with that one'
    )
  }
  if (line !== format || second < 0) throw noBackup(file)
  return { sealed: head.subarray(first + 1, second).toString('latin1'), begins: second + 1 }
}

const withFile = async <T>(file: string, work: (handle: FileHandle) => Promise<T>): Promise<T> => {
  try {
    const handle = await open(file, 'r')
    return await work(handle).finally(() => handle.close())
  } catch (error) {
    throw new StartRefusal(`${file} cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`)
  }
}

async function* readDatabase(
  file: string,
  start: number,
  { bytes, sha256 }: BackupContents['database']
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let seen = 0
  for await (const chunk of createReadStream(file, { start }) as AsyncIterable<Buffer>) {
    seen += chunk.length
    if (seen > bytes) break
    hash.update(chunk)
    yield chunk
  }
  if (seen !== bytes || hash.digest('hex') !== sha256) {
    throw new StartRefusal(`${file} is damaged: its database is not the one that was backed up`)
  }
}

const noBackup = (file: string): StartRefusal => new StartRefusal(`${file} is no backup of joinery-server`)
