import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { day, fingerprint, second } from '@joinery/protocol'
import { machineAddresses } from '../../base/addresses.ts'
import { StartRefusal } from '../../base/start-refusal.ts'
import { giveToRoot, readAuthorityKey } from '../../keys/authority-keys.ts'
import { makeAuthority } from '../../keys/certificates.ts'
import { readAuthority } from '../../keys/ensure-authority.ts'
import { ensureLeaf } from '../../keys/ensure-leaf.ts'
import { changeKeys, finishKeyChange } from '../../keys/key-change.ts'
import { nextAuthorityFiles, nextPinFile } from '../../keys/key-files.ts'
import { makeKey, readKeyPair } from '../../keys/keys.ts'
import { nextPinText } from '../../keys/next-pin.ts'
import { checkAuthorityKeys, readStateKeys, type StateKeys } from '../../keys/state-keys.ts'
import { takeState } from '../../ports/store/take-state.ts'
import { authorityWord } from '../authority-word.ts'
import { aheadOf, decideFinish, exportThere, type FinishAct, takeHere } from '../decide-rotation.ts'
import type { WatchedServers } from './watched-servers.ts'

export interface RotateAuthorityOptions {
  state: string
  /** The other servers of the installation. Undefined if this server has its store for itself. */
  others?: WatchedServers | undefined
  now: Date
  print(line: string): void
}

/**
 * Makes the CA that comes next, unless there is one, and has the present one sign its pin. The server goes on with its own CA, and
 * announces the next one from its next start on. Throws `StartRefusal`, also while the server runs, or if another server has a CA already
 * that this host does not have.
 */
export const rotateAuthority = ({ state, others, now, print }: RotateAuthorityOptions): Promise<void> =>
  alone(state, async () => {
    const own = await readAuthority(state)
    const keys = await readStateKeys(state)
    await checkAuthorityKeys(state, keys)
    await requireAbreast(keys, others)
    const made = keys.nextAuthority === undefined ? makeKey() : undefined
    const next = keys.nextAuthority ?? (await makeAuthority(readKeyPair(made as string), later(now, own.certificate)))
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

export interface FinishAuthorityOptions extends RotateAuthorityOptions {
  /** See `LeafChoice`. */
  published: string
  /** URLs of other servers of which root says that they are away, whatever is heard of them. */
  away?: readonly string[]
}

/**
 * Puts the next CA in the place of the present one, which is gone then, and makes a leaf by it. A machine that knows only the old pin
 * comes no more. Throws `StartRefusal` if no CA comes next, while the server runs, and if another server is there that does not have the
 * next CA: it could serve nobody then.
 */
export const finishAuthority = (options: FinishAuthorityOptions): Promise<void> =>
  alone(options.state, async () => {
    const { state, others, away = [], now, print, published } = options
    const keys = await readStateKeys(state)
    await checkAuthorityKeys(state, keys)
    const { nextAuthority } = keys
    const key = await readAuthorityKey(state, nextAuthorityFiles.key)
    if (nextAuthority === undefined || key === undefined) {
      throw new StartRefusal('no CA comes next', 'make one first, and tell the machines: joinery-server rotate-ca')
    }
    const { have, lack } = others === undefined ? { have: [], lack: [] } : await waitForOthers(keys, others, away)
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
    for (const url of have) print(`${url} has this CA`)
    for (const url of lack) print(`${url} does not have this CA, and stands by until it takes it from a keys file`)
  })

/** Throws `StartRefusal` if another server has a CA that this one does not have. A second one would be made, and machines told of both. */
const requireAbreast = async (keys: StateKeys, others: WatchedServers | undefined): Promise<void> => {
  const ahead = others && aheadOf(authorityWord(keys), await others.look(keys.masterKeys))
  if (ahead === undefined) return
  throw new StartRefusal(
    `${ahead.url} has a CA already that this host does not have`,
    `take it: on that host ${exportThere}, then here, with that file, ${takeHere}`
  )
}

/** Looks at the others until the next CA may be put in place. Throws `StartRefusal` with those that lack it. */
const waitForOthers = async (
  keys: StateKeys,
  others: WatchedServers,
  away: readonly string[]
): Promise<Extract<FinishAct, { act: 'finish' }>> => {
  const { pin, from, next = '' } = authorityWord(keys)
  for (;;) {
    const act = decideFinish({ pin, from, next }, await others.look(keys.masterKeys), away)
    if (act.act === 'finish') return act
    if (act.act === 'refuse') {
      throw new StartRefusal(
        `these servers do not have the next CA: ${act.lacking.join(', ')}`,
        `on this host ${exportThere}, then on theirs, with that file, ${takeHere}; one that is gone: --away ${act.lacking[0]}`
      )
    }
    await others.pause()
  }
}

/** A time at which a new CA begins after the one of this certificate, whatever the clock says: the later one is the one that counts. */
const later = (now: Date, certificate: string): Date => {
  const { validFromDate } = new X509Certificate(certificate)
  return new Date(Math.max(now.getTime(), validFromDate.getTime() + day + second))
}

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
