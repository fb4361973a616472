import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { writeDurably } from '../base/files.ts'
import { privateKey } from './state-keys.ts'

/** Name of the file in the state folder with the key that signs the audit log. */
export const auditKeyFile = 'audit.key'

/** Reads the key that signs the audit log, and makes it if there is none yet. Throws `StartRefusal`. */
export const ensureAuditKey = async (state: string): Promise<{ key: KeyObject; made: boolean }> => {
  const file = join(state, auditKeyFile)
  const there = await privateKey(file)
  if (there !== undefined) return { key: there, made: false }
  const { privateKey: key } = generateKeyPairSync('ed25519')
  await writeDurably(file, key.export({ type: 'pkcs8', format: 'pem' }))
  return { key, made: true }
}

/** Id of this server in the origin of its logs. It follows from the key, so another key is another server. */
export const serverIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)
