import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Files } from './machine/files.ts'
import { isSame, type MachineIds, machineIds } from './machine/machine-ids.ts'

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

interface Stored extends MachineIds {
  key: string
}

export const joinKeyFile = (files: Files, stateDirectory: string): JoinKeyFile => {
  const path = join(stateDirectory, 'join-key.json')
  const load = async (): Promise<JoinKey> => {
    const ids = await machineIds(files)
    const text = await files.read(path)
    const kept = text === undefined ? undefined : readKept(text, ids)
    if (kept !== undefined) return kept
    const { privateKey: key } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
    })
    const made: Stored = { ...ids, key }
    if (text !== undefined) await files.write(path, JSON.stringify(made), 0o600)
    // a second agent on this machine was faster: a machine has one key
    else if (!(await files.create(path, JSON.stringify(made), 0o600))) return load()
    return joinKeyOf(made)
  }
  return { load, remove: () => files.remove(path) }
}

/** Undefined where it is another machine's, or damaged: writes are whole, so that did not come from us. */
const readKept = (text: string, ids: MachineIds): JoinKey | undefined => {
  try {
    const stored = JSON.parse(text) as Stored
    return isSame(stored, ids) ? joinKeyOf(stored) : undefined
  } catch {
    return undefined
  }
}

const joinKeyOf = ({ key }: Stored): JoinKey => ({ key, fingerprint: fingerprint(createPublicKey(key)) })
