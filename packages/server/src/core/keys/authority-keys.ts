import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { writeDurably } from '@joinery/host/write-durably'
import { ownerFor } from '../base/files.ts'
import { StartRefusal } from '../base/start-refusal.ts'
import { nextAuthorityFiles } from './key-files.ts'
import { type KeyPair, readKeyPair } from './keys.ts'
import { withPlainFile } from './plain-file.ts'

/** Names of the files with the keys of the CAs: the present one, and the one that comes next. */
const authorityKeyFiles = ['ca.key', nextAuthorityFiles.key] as const
type AuthorityKeyFile = (typeof authorityKeyFiles)[number]

const isAuthorityKey = (name: string): name is AuthorityKeyFile =>
  (authorityKeyFiles as readonly string[]).includes(name)

/**
 * Writes a file of a folder of keys. It belongs to the owner of that folder, who serves with it. The keys of the CAs stay root's: the
 * serving process never opens them.
 */
export const writeKeyFile = async (folder: string, name: string, content: string | Uint8Array): Promise<void> =>
  writeDurably(join(folder, name), content, { owner: isAuthorityKey(name) ? undefined : await ownerFor(folder) })

/**
 * Gives the keys of the CAs to root, if root runs this. A state folder of an earlier version has them for the user of the server, and so
 * has one that systemd gave to that user as a whole. It may be cut anywhere and run again.
 */
export const giveToRoot = async (state: string): Promise<void> => {
  if (process.getuid?.() !== 0) return
  for (const name of authorityKeyFiles) {
    await withPlainFile(join(state, name), async (handle) => {
      const { uid, gid, mode } = await handle.stat()
      if (uid === 0 && gid === 0 && (mode & 0o777) === 0o600) return
      await handle.chown(0, 0)
      await handle.chmod(0o600)
      await handle.sync()
    })
  }
}

/** Reads a key of a CA, for a command of root's. Undefined if there is none. Throws `StartRefusal`, also if others may read it. */
export const readAuthorityKey = async (state: string, name: AuthorityKeyFile): Promise<string | undefined> => {
  const file = join(state, name)
  return withPlainFile(file, async (handle) => {
    const mode = (await handle.stat()).mode & 0o777
    if ((mode & 0o077) !== 0) throw openToOthers(file, mode)
    return handle.readFile('utf8')
  })
}

/** The refusal of a key that others than its owner may read, as ssh does it. */
export const openToOthers = (file: string, mode: number): StartRefusal =>
  new StartRefusal(`users other than its owner may open ${file} (mode 0${mode.toString(8)})`, `chmod 600 ${file}`)

/** The key of a CA with its certificate (PEM). Undefined if there is no such key. Throws `StartRefusal` if it is another key. */
export const readAuthorityPair = async (
  state: string,
  name: AuthorityKeyFile,
  certificate: string
): Promise<KeyPair | undefined> => {
  const [pem, file] = [await readAuthorityKey(state, name), join(state, name)]
  if (pem === undefined) return undefined
  const pair = parsed(file, pem)
  if (new X509Certificate(certificate).checkPrivateKey(pair.privateKey)) return pair
  throw new StartRefusal(`${file} is not the key of ${file.replace(/key$/, 'crt')}`, fromBackup)
}

/** The end of a refusal of a key or a certificate that cannot be made again. */
export const fromBackup = 'put back the one that belongs to it, from a backup'

const parsed = (file: string, pem: string): KeyPair => {
  try {
    return readKeyPair(pem)
  } catch {
    // the parser's own words may quote the key
    throw new StartRefusal(`${file} is damaged, it is no private key`, fromBackup)
  }
}
