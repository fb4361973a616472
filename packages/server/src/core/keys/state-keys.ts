import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StartRefusal } from '../base/start-refusal.ts'
import { fromBackup, openToOthers, readAuthorityPair } from './authority-keys.ts'
import { isKeyChangeCut } from './key-change.ts'
import { firstMasterKey, isMasterKey, keyFilesIn, nextAuthorityFiles, placeOfMasterKey } from './key-files.ts'
import { masterKeyLength } from './keys.ts'
import { type MasterKey, MasterKeys } from './master-keys.ts'

export interface StateKeys {
  masterKeys: MasterKeys
  /** PEM of the server's own CA. */
  certificateAuthority: string
  /** PEM of the CA that comes next. Undefined if none does. */
  nextAuthority: string | undefined
}

/**
 * Reads the keys that `joinery-server init` made, and checks each before anything relies on it. Throws `StartRefusal`:
 * with an empty master key, anybody who knows an enrolment's id computes its token. The keys of the CAs are
 * not opened: they are root's, and what root runs checks them.
 */
export const readStateKeys = async (state: string): Promise<StateKeys> => {
  if (isKeyChangeCut(state)) {
    throw new StartRefusal(`a change of the keys in ${state} was cut`, 'finish it: joinery-server init')
  }
  const masterKeys = await readMasterKeys(state)
  const certificateAuthority = await certificate(join(state, 'ca.crt'))
  await certificate(join(state, 'tls.crt'), renewIt)
  if ((await privateKey(join(state, 'tls.key'), renewIt)) === undefined) throw missing(join(state, 'tls.key'))
  return { masterKeys, certificateAuthority, nextAuthority: await readNextAuthority(state) }
}

/** Reads the CA that comes next. Undefined if none does. */
const readNextAuthority = async (state: string): Promise<string | undefined> => {
  const file = join(state, nextAuthorityFiles.certificate)
  return (await read(file)) === undefined ? undefined : certificate(file)
}

/** Checks the keys of the CAs, for a command of root's. The key of the CA may be kept elsewhere. Throws `StartRefusal`. */
export const checkAuthorityKeys = async (
  state: string,
  { certificateAuthority, nextAuthority }: StateKeys
): Promise<void> => {
  await readAuthorityPair(state, 'ca.key', certificateAuthority)
  if (nextAuthority === undefined) return
  const name = nextAuthorityFiles.key
  if ((await readAuthorityPair(state, name, nextAuthority)) === undefined) {
    throw new StartRefusal(`there is no ${join(state, name)}`, fromBackup)
  }
}

/** Reads all master keys. Throws `StartRefusal` if there is none, or one is damaged. */
const readMasterKeys = async (state: string): Promise<MasterKeys> => {
  const keys: MasterKey[] = []
  for (const file of (await keyFilesIn(state)).filter((name) => placeOfMasterKey(name) !== undefined)) {
    const key = await secret(join(state, file))
    // the server may just have deleted an old one
    if (key !== undefined) keys.push({ file, key: requireMasterKey(join(state, file), file, key) })
  }
  if (keys.length === 0) throw missing(join(state, firstMasterKey))
  return new MasterKeys(keys)
}

const requireMasterKey = (path: string, file: string, key: Buffer): Buffer => {
  if (isMasterKey(file, key)) return key
  throw new StartRefusal(
    key.length === masterKeyLength
      ? `${path} is damaged, it holds another key than its name says`
      : `${path} is damaged, it must have ${masterKeyLength} bytes and has ${key.length}`,
    `put it back from a backup, or move it away and make another one with joinery-server init`
  )
}

/** The end of a refusal of a leaf: the command makes it again. */
export const renewIt = 'make it again: joinery-server renew-leaf'

const missing = (file: string): StartRefusal =>
  new StartRefusal(`there is no ${file}`, 'make it with joinery-server init')

/** Reads a private key that only its owner can read. Undefined if there is none. Throws `StartRefusal`. */
export const privateKey = async (file: string, remedy = fromBackup): Promise<KeyObject | undefined> => {
  const pem = await secret(file)
  if (pem === undefined) return undefined
  try {
    return createPrivateKey(pem)
  } catch {
    // the parser's own words may quote the key
    throw new StartRefusal(`${file} is damaged, it is no private key`, remedy)
  }
}

const certificate = async (file: string, remedy = fromBackup): Promise<string> => {
  const pem = await read(file)
  if (pem === undefined) throw missing(file)
  try {
    return new X509Certificate(pem) && pem.toString()
  } catch {
    throw new StartRefusal(`${file} is damaged, it is no certificate`, remedy)
  }
}

/** Reads a secret file. As ssh does, it refuses a key that others can read. */
const secret = async (file: string): Promise<Buffer | undefined> => {
  const content = await read(file)
  if (content === undefined) return undefined
  const mode = (await stat(file)).mode & 0o777
  if ((mode & 0o077) !== 0) throw openToOthers(file, mode)
  return content
}

/** Reads the file. Undefined if there is none. */
const read = async (file: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'ENOENT') return undefined
    throw new StartRefusal(`${file} cannot be read (${code})`, 'it must belong to the user of the server')
  }
}
