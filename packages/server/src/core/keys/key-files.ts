import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere } from '../base/files.ts'
import { masterKeyLength } from './keys.ts'

/** Files of a state folder with keys that cannot be made again, by their names. The content of each is as it lies on disk. */
export type KeyFiles = ReadonlyMap<string, Buffer>

/** Name of the file with the first master key. */
export const firstMasterKey = 'master.key'

/** Files of the CA that comes after a rotation. */
export const nextAuthorityFiles = { key: 'ca-next.key', certificate: 'ca-next.crt' } as const

/**
 * Name of the file with the text by which the CA names the pin that comes next. It is in no keys file and in no backup: it is no secret,
 * and whoever has both keys signs it again.
 */
export const nextPinFile = 'next-pin.jws'

const others: readonly string[] = [
  'ca.key',
  'ca.crt',
  nextAuthorityFiles.key,
  nextAuthorityFiles.certificate,
  'audit.key'
]
const laterMasterKey = /^master-([1-9][0-9]{0,8})-([0-9a-f]{16})\.key$/

/** True if a file of this name is one of `KeyFiles`. */
export const isKeyFile = (name: string): boolean =>
  name === firstMasterKey || laterMasterKey.test(name) || others.includes(name)

/** The place of a master key in the order in which they were made, by the name of its file. The first one has the place 1. */
export const placeOfMasterKey = (name: string): number | undefined => {
  if (name === firstMasterKey) return 1
  const place = laterMasterKey.exec(name)?.[1]
  return place === undefined ? undefined : Number(place)
}

/** Name of the file of a master key in that place. It says which key it is, so a file with another key shows. */
export const masterKeyFile = (place: number, key: Uint8Array): string =>
  `master-${place}-${createHash('sha256').update('joinery master key id\0').update(key).digest('hex').slice(0, 16)}.key`

/** Id by which an attempt names the master key of this file. Undefined for the first one, which no attempt names. */
export const idOfMasterKey = (name: string): string | undefined =>
  name === firstMasterKey ? undefined : name.replace(/^master-(.*)\.key$/, '$1')

/** Names of the key files that are in the state folder, in a stable order. */
export const keyFilesIn = async (state: string): Promise<string[]> => (await namesIn(state)).filter(isKeyFile).sort()

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })

/** Reads the key files of the state folder. */
export const readKeyFiles = async (state: string): Promise<KeyFiles> => {
  const files = new Map<string, Buffer>()
  for (const name of await keyFilesIn(state)) {
    const content = await readIfThere(join(state, name))
    if (content !== undefined) files.set(name, content)
  }
  return files
}

/** True if the key files, whoever made them, are those of a server: each is whole, and they fit each other. */
export const fitEachOther = (files: KeyFiles): boolean => {
  const masters = [...files].filter(([name]) => placeOfMasterKey(name) !== undefined)
  const next = [files.get(nextAuthorityFiles.certificate), files.get(nextAuthorityFiles.key)] as const
  return (
    masters.length > 0 &&
    [...files.keys()].every(isKeyFile) &&
    masters.every(([name, key]) => isMasterKey(name, key)) &&
    isAuthority(files.get('ca.crt'), files.get('ca.key')) &&
    ((next[0] === undefined && next[1] === undefined) || (next[1] !== undefined && isAuthority(...next))) &&
    isPrivateKey(files.get('audit.key'))
  )
}

/** True if the file of this name holds a master key, and the one that its name says. */
export const isMasterKey = (name: string, key: Uint8Array): boolean =>
  key.length === masterKeyLength &&
  (name === firstMasterKey || name === masterKeyFile(placeOfMasterKey(name) ?? 0, key))

/** True for a certificate with its key. The key of the CA may be kept elsewhere. */
const isAuthority = (certificate: Buffer | undefined, key: Buffer | undefined): boolean => {
  try {
    if (certificate === undefined) return false
    const authority = new X509Certificate(certificate)
    return key === undefined || authority.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

const isPrivateKey = (pem: Buffer | undefined): boolean => {
  try {
    return pem === undefined || createPrivateKey(pem) !== undefined
  } catch {
    return false
  }
}
