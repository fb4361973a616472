import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeDurably } from '@joinery/host/write-durably'
import { version } from '@joinery/protocol'
import { ownerFor } from '../../../../core/base/files.ts'
import { StartRefusal } from '../../../../core/base/start-refusal.ts'
import { fitEachOther, readKeyFiles } from '../../../../core/keys/key-files.ts'
import { checkAuthorityKeys, readStateKeys } from '../../../../core/keys/state-keys.ts'
import { type KeysOf, keysFile } from './keys-file.ts'
import { grouped, newPassphrase } from './new-passphrase.ts'

export interface ExportOptions {
  state: string
  /** Path of the file to make. */
  file: string
  /** Asks the cluster who it is. */
  cluster(): Promise<KeysOf>
  random(bytes: number): Uint8Array
  now: Date
  print(line: string): void
}

/**
 * Writes the keys of this server into one file, sealed by a passphrase that is made here and shown once, after the file is there. It
 * writes over nothing. Throws `StartRefusal`.
 */
export const exportKeys = async ({ state, file, cluster, random, now, print }: ExportOptions): Promise<void> => {
  if (existsSync(file)) throw isThere(file)
  await checkAuthorityKeys(state, await readStateKeys(state))
  const files = await readKeyFiles(state)
  if (!files.has('ca.key')) {
    throw new StartRefusal(
      `there is no ca.key in ${state}, and without it another server cannot have this pin`,
      'put it back for the moment of the export'
    )
  }
  if (!fitEachOther(files)) throw new StartRefusal(`the keys in ${state} do not fit each other`, 'put back a backup')
  const of = await cluster()
  const passphrase = newPassphrase(random)
  const text = await keysFile({ made: now.toISOString(), by: version, of, files }, passphrase)
  await writeNew(file, text)
  print(`${file} created, for the cluster ${of.uid} at ${of.api}`)
  print(`passphrase: ${grouped(passphrase)}`)
  print('It is shown this once. Keep it apart from the file: both together are this server.')
}

/** Writes the file, unless there is one by now. */
const writeNew = async (file: string, text: string): Promise<void> => {
  try {
    // a name of its own: another export at the same time must not give this one's passphrase to its own file
    const draft = `${file}.${randomUUID()}.new`
    await writeDurably(file, text, { draft, owner: await ownerFor(dirname(file)), place: link })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    throw code === 'EEXIST' ? isThere(file) : new StartRefusal(`${file} cannot be written (${code})`)
  }
}

const isThere = (file: string): StartRefusal =>
  new StartRefusal(`${file} is there already`, 'name another file, nothing is written over')
