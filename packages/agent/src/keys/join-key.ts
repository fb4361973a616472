import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { fingerprint } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { machineIds } from '../machine/host/machine-ids.ts'
import { loadKept } from './kept.ts'
import { makeKey } from './make-key.ts'

/** The key that a client certificate would be for. It never leaves the machine. */
export interface JoinKey {
  /** PEM (PKCS#8), P-256. */
  key: string
  fingerprint: string
}

/** The file of the join key, beside the key that is the machine's identity. */
export interface JoinKeyFile {
  /** The key of this machine, made once. If the machine ids differ, as on a copy of the disk, a new key is made. */
  load(): Promise<JoinKey>
  /** Removes the key when it is of no use any more. */
  remove(): Promise<void>
}
export const recoveryKeyName = 'recovery-key.json'
export const JoinKeyFile = Symbol('JoinKeyFile') as InjectionToken<JoinKeyFile>

/** A way back has a key file of its own: an agent that starts at boot removes the key of a join that is over. */
export const joinKeyFile = (files: Files, stateDirectory: string, name = 'join-key.json'): JoinKeyFile => {
  const path = join(stateDirectory, name)
  return {
    load: () =>
      loadKept(files, {
        path,
        ids: () => machineIds(files),
        make: () => ({ key: makeKey() }),
        read: ({ key }) => ({ key, fingerprint: fingerprint(createPublicKey(key)) })
      }),
    remove: () => files.remove(path)
  }
}
