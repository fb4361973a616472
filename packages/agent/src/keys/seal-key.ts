import { createPrivateKey, createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import type { InjectionToken } from 'tsyringe'
import { machineIds } from '../host/machine-ids.ts'
import type { Identity } from './identity.ts'
import { loadKept } from './kept.ts'
import { makeKey } from './make-key.ts'

/** The key that the keys of a cluster would be sealed to. It never leaves the machine. */
export interface SealKey {
  /** PEM (PKCS#8), P-256. */
  key: string
  /** The public part of the key, signed with the machine key. */
  signed: string
}

/** The file of the seal key, beside the key that is the machine's identity. */
export interface SealKeyFile {
  /** The key of this machine, made once, and made again if the machine has another identity. */
  load(): Promise<SealKey>
  /** Removes the key when it is of no use any more. */
  remove(): Promise<void>
}
export const SealKeyFile = Symbol('SealKeyFile') as InjectionToken<SealKeyFile>

/**
 * The seal key in its file, with its signature beside it. Signing at each start would make another observation each
 * time. It would also load jose, which only a control plane needs.
 */
export const sealKeyFile = (files: Files, stateDirectory: string, identity: () => Promise<Identity>): SealKeyFile => {
  const path = join(stateDirectory, 'seal-key.json')
  return {
    load: async () => {
      const machine = await identity()
      return loadKept(files, {
        path,
        ids: () => machineIds(files),
        make: async () => {
          const key = makeKey()
          return { key, signed: await sign(key, machine), signer: machine.fingerprint }
        },
        read: ({ key, signed, signer }) => {
          createPrivateKey(key)
          if (signer !== machine.fingerprint) throw new Error('it was signed by another identity')
          return { key, signed }
        }
      })
    },
    remove: () => files.remove(path)
  }
}

const sign = async (key: string, machine: Identity): Promise<string> => {
  const { signSealKey } = await import('@joinery/protocol/seal')
  return signSealKey(createPublicKey(key), createPrivateKey(machine.key))
}
