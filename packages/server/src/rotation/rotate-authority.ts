import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { readIfThere } from '../base/files.ts'
import { StartRefusal } from '../base/start-refusal.ts'
import { makeAuthority } from '../keys/certificates.ts'
import { changeKeys, finishKeyChange } from '../keys/key-change.ts'
import { nextAuthorityFiles } from '../keys/key-files.ts'
import { makeKey, readKeyPair } from '../keys/keys.ts'
import { readStateKeys } from '../keys/state-keys.ts'
import { takeState } from '../store/sqlite/take-state.ts'

export interface RotateAuthorityOptions {
  state: string
  print(line: string): void
}

/**
 * Makes the CA that comes next, unless there is one. The server goes on with its own CA, and announces the next one from its next
 * start on. Throws `StartRefusal`, also while the server runs.
 */
export const rotateAuthority = (options: RotateAuthorityOptions & { now: Date }): Promise<void> =>
  alone(options.state, async () => {
    const { state, now, print } = options
    const { certificateAuthority, nextAuthority } = await readStateKeys(state)
    const file = join(state, nextAuthorityFiles.certificate)
    const next = nextAuthority ?? (await makeNext(state, now))
    print(`${file} ${nextAuthority === undefined ? 'created' : 'unchanged'}`)
    print(`pin: ${pinOf(certificateAuthority)}`)
    print(`next pin: ${pinOf(next)}`)
  })

/**
 * Puts the next CA in the place of the present one, which is gone then. A machine that knows only the old pin comes no more. Throws
 * `StartRefusal` if no CA comes next, and while the server runs.
 */
export const finishAuthority = ({ state, print }: RotateAuthorityOptions): Promise<void> =>
  alone(state, async () => {
    const { nextAuthority } = await readStateKeys(state)
    const key = await readIfThere(join(state, nextAuthorityFiles.key))
    if (nextAuthority === undefined || key === undefined) {
      throw new StartRefusal('no CA comes next', 'make one first, and tell the machines: joinery-server rotate-ca')
    }
    await changeKeys(
      state,
      new Map<string, string | Uint8Array>([
        ['ca.key', key],
        ['ca.crt', nextAuthority],
        [nextAuthorityFiles.key, ''],
        [nextAuthorityFiles.certificate, '']
      ])
    )
    print(`${join(state, 'ca.crt')} is the CA that came next`)
    print(`pin: ${pinOf(nextAuthority)}`)
  })

/** Does `work` while this process has the state folder, and no change of its keys is half done. */
const alone = async (state: string, work: () => Promise<void>): Promise<void> => {
  const taken = takeState(state)
  try {
    await finishKeyChange(state)
    await work()
  } finally {
    taken.release()
  }
}

const makeNext = async (state: string, now: Date): Promise<string> => {
  const key = makeKey()
  const certificate = await makeAuthority(readKeyPair(key), now)
  await changeKeys(
    state,
    new Map([
      [nextAuthorityFiles.key, key],
      [nextAuthorityFiles.certificate, certificate]
    ])
  )
  return certificate
}

const pinOf = (pem: string): string => fingerprint(new X509Certificate(pem).publicKey)
