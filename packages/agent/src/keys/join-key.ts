import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { fingerprint, type KeyAlgorithm, usualKeyAlgorithm } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { machineIds } from '../host/machine-ids.ts'
import { loadKept } from './kept.ts'
import { makeKey } from './make-key.ts'

/** The key that a client certificate would be for. It never leaves the machine. */
export interface JoinKey {
  /** PEM (PKCS#8). */
  key: string
  algorithm: KeyAlgorithm
  fingerprint: string
}

/** The file of the join key, beside the key that is the machine's identity. */
export interface JoinKeyFile {
  /**
   * The key of this machine, made once. If the machine ids differ, as on a copy of the disk, a new key is made; so it is if the key is
   * not of the kind that the cluster's kubelets make.
   */
  load(algorithm?: KeyAlgorithm): Promise<JoinKey>
  /** Removes the key when it is of no use any more. */
  remove(): Promise<void>
}
export const recoveryKeyName = 'recovery-key.json'
export const JoinKeyFile = Symbol('JoinKeyFile') as InjectionToken<JoinKeyFile>

/** A way back has a key file of its own: an agent that starts at boot removes the key of a join that is over. */
export const joinKeyFile = (files: Files, stateDirectory: string, name = 'join-key.json'): JoinKeyFile => {
  const path = join(stateDirectory, name)
  const ids = () => machineIds(files)
  // a file of before says no kind
  const read = ({ key, algorithm = usualKeyAlgorithm }: StoredKey): JoinKey => ({
    key,
    algorithm,
    fingerprint: fingerprint(createPublicKey(key))
  })
  return {
    load: async (algorithm) => {
      const kept = await loadKept<StoredKey, JoinKey>(files, { path, ids, make: () => ({ key: makeKey() }), read })
      if (algorithm === undefined || algorithm === kept.algorithm) return kept
      const made = { key: makeKey(algorithm), algorithm }
      const { machineId, productUuid } = await ids()
      await files.write(path, JSON.stringify({ machineId, productUuid, ...made }), 0o600)
      return read(made)
    },
    remove: () => files.remove(path)
  }
}

type StoredKey = Pick<JoinKey, 'key'> & Partial<Pick<JoinKey, 'algorithm'>>
