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

/** Where the join key lies, beside the key that is the machine's identity. */
export interface JoinKeyFile {
  /** The key of this machine, made once. Where the machine ids differ, on a copy of the disk, a new one is made. */
  load(): Promise<JoinKey>
  /** It is of no use any more. */
  remove(): Promise<void>
}
export const JoinKeyFile = Symbol('JoinKeyFile') as InjectionToken<JoinKeyFile>

export const joinKeyFile = (files: Files, stateDirectory: string): JoinKeyFile => {
  const path = join(stateDirectory, 'join-key.json')
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
