import { join } from 'node:path'
import { makeFolder } from '../../../../core/base/files.ts'
import { StartRefusal } from '../../../../core/base/start-refusal.ts'
import { changeKeys, finishKeyChange } from '../../../../core/keys/key-change.ts'
import {
  fitEachOther,
  type KeyFiles,
  nextPinFile,
  placeOfMasterKey,
  readKeyFiles
} from '../../../../core/keys/key-files.ts'
import { nextPinTextOf } from '../../../../core/keys/next-pin.ts'
import { type AuthorityWord, authorityWord, isLater } from '../../../../core/leadership/authority-word.ts'
import { takeState } from '../../../../core/ports/store/take-state.ts'
import { type KeysOf, openKeysFile } from './keys-file.ts'

export interface TakeOptions {
  state: string
  file: string
  passphrase: string
  /** Asks the cluster of this host who it is. */
  cluster(): Promise<KeysOf>
  print(line: string): void
}

/**
 * Puts the keys of a keys file into a state folder that has no others. The cluster of this host must be the one that the file names.
 * All keys are there afterwards, or none was changed, wherever it is cut. Throws `StartRefusal`.
 */
export const takeKeys = async ({ state, file, passphrase, cluster, print }: TakeOptions): Promise<void> => {
  const { of, files } = await openKeysFile(file, passphrase)
  const here = await cluster()
  if (here.uid !== of.uid) {
    throw new StartRefusal(
      `${file} has the keys for the cluster ${of.uid} (${of.api}), and this host's is ${here.uid} (${here.api})`,
      'use the file of this cluster; a server for another cluster gets keys of its own: joinery-server init'
    )
  }
  await makeFolder(state, 0o700)
  const taken = takeState(state)
  try {
    await finishKeyChange(state)
    const there = await readKeyFiles(state)
    const kept = withoutOldAuthority(there, files)
    const missing = missingFiles(state, kept, files)
    const gone = [...there.keys()].filter((name) => !kept.has(name) && !files.has(name))
    const change = new Map<string, string | Buffer>([...missing, ...gone.map((name) => [name, ''] as const)])
    const nextPin = await nextPinTextOf(files)
    if (change.size > 0 || nextPin !== '') await changeKeys(state, change.set(nextPinFile, nextPin))
    for (const name of files.keys()) print(`${join(state, name)} ${missing.has(name) ? 'created' : 'unchanged'}`)
  } finally {
    taken.release()
  }
}

/**
 * The files of this host that stay: not its CAs, if those of the file came after them by a rotation. The keys of the same installation have
 * a master key in common.
 */
const withoutOldAuthority = (there: KeyFiles, files: KeyFiles): KeyFiles => {
  const isSame = [...there].some(
    ([name, key]) => placeOfMasterKey(name) !== undefined && files.get(name)?.equals(key) === true
  )
  // keys that do not fit each other are refused later
  if (!isSame || !fitEachOther(there) || !isLater(wordOf(files), wordOf(there))) return there
  return new Map([...there].filter(([name]) => !name.startsWith('ca')))
}

const wordOf = (files: KeyFiles): AuthorityWord =>
  authorityWord({ certificateAuthority: String(files.get('ca.crt')), nextAuthority: undefined })

/** The files that are not there yet. Throws if another key is there. */
const missingFiles = (state: string, there: KeyFiles, files: KeyFiles): KeyFiles => {
  for (const [name, content] of there) {
    if (files.get(name)?.equals(content) === false) {
      throw new StartRefusal(
        `${join(state, name)} is another key than the one in the file`,
        `if this host never served, move it away: mkdir ${state}/before && mv ${state}/*.key ${state}/*.crt ${state}/before/`
      )
    }
  }
  const missing = new Map([...files].filter(([name]) => !there.has(name)))
  if (!fitEachOther(new Map([...there, ...missing]))) {
    throw new StartRefusal(`the keys in ${state} do not fit those of the file`, 'move them away, or use a newer file')
  }
  return missing
}
