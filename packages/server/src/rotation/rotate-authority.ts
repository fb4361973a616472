import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { StartRefusal } from '../base/start-refusal.ts'
import { machineAddresses } from '../keys/addresses.ts'
import { giveToRoot, readAuthorityKey } from '../keys/authority-keys.ts'
import { makeAuthority } from '../keys/certificates.ts'
import { readAuthority } from '../keys/ensure-authority.ts'
import { ensureLeaf } from '../keys/ensure-leaf.ts'
import { changeKeys, finishKeyChange } from '../keys/key-change.ts'
import { nextAuthorityFiles, nextPinFile } from '../keys/key-files.ts'
import { makeKey, readKeyPair } from '../keys/keys.ts'
import { nextPinText } from '../keys/next-pin.ts'
import { checkAuthorityKeys, readStateKeys } from '../keys/state-keys.ts'
import { takeState } from '../store/sqlite/take-state.ts'

export interface RotateAuthorityOptions {
  state: string
  now: Date
  print(line: string): void
}

/**
 * Makes the CA that comes next, unless there is one, and has the present one sign its pin. The server goes on with its own CA, and
 * announces the next one from its next start on. Throws `StartRefusal`, also while the server runs.
 */
export const rotateAuthority = ({ state, now, print }: RotateAuthorityOptions): Promise<void> =>
  alone(state, async () => {
    const own = await readAuthority(state)
    const keys = await readStateKeys(state)
    await checkAuthorityKeys(state, keys)
    const made = keys.nextAuthority === undefined ? makeKey() : undefined
    const next = keys.nextAuthority ?? (await makeAuthority(readKeyPair(made as string), now))
    const { key, certificate } = nextAuthorityFiles
    await changeKeys(
      state,
      new Map([
        ...(made === undefined ? [] : [[key, made] as const, [certificate, next] as const]),
        [nextPinFile, await nextPinText(own, next)]
      ])
    )
    print(`${join(state, certificate)} ${made === undefined ? 'unchanged' : 'created'}`)
    print(`pin: ${pinOf(own.certificate)}`)
    print(`next pin: ${pinOf(next)}`)
  })

/**
 * Puts the next CA in the place of the present one, which is gone then, and makes a leaf by it. A machine that knows only the old pin
 * comes no more. `published`: see `LeafChoice`. Throws `StartRefusal` if no CA comes next, and while the server runs.
 */
export const finishAuthority = (options: RotateAuthorityOptions & { published: string }): Promise<void> =>
  alone(options.state, async () => {
    const { state, now, print, published } = options
    const keys = await readStateKeys(state)
    await checkAuthorityKeys(state, keys)
    const { nextAuthority } = keys
    const key = await readAuthorityKey(state, nextAuthorityFiles.key)
    if (nextAuthority === undefined || key === undefined) {
      throw new StartRefusal('no CA comes next', 'make one first, and tell the machines: joinery-server rotate-ca')
    }
    await changeKeys(
      state,
      new Map([
        ['ca.key', key],
        ['ca.crt', nextAuthority],
        [nextAuthorityFiles.key, ''],
        [nextAuthorityFiles.certificate, ''],
        [nextPinFile, '']
      ])
    )
    print(`${join(state, 'ca.crt')} is the CA that came next`)
    await ensureLeaf(state, { wanted: [], machine: machineAddresses(), published }, now, print)
    print(`pin: ${pinOf(nextAuthority)}`)
  })

/** Does `work` while this process has the state folder, no change of its keys is half done, and those of its CAs are root's. */
const alone = async (state: string, work: () => Promise<void>): Promise<void> => {
  const taken = takeState(state)
  try {
    await finishKeyChange(state)
    await giveToRoot(state)
    await work()
  } finally {
    taken.release()
  }
}

const pinOf = (pem: string): string => fingerprint(new X509Certificate(pem).publicKey)
