import { join } from 'node:path'
import { writeDurably } from '../../base/files.ts'
import { StartRefusal } from '../../base/start-refusal.ts'
import { finishKeyChange } from '../../keys/key-change.ts'
import { masterKeyFile, placeOfMasterKey } from '../../keys/key-files.ts'
import { masterKeyLength } from '../../keys/keys.ts'
import { readStateKeys } from '../../keys/state-keys.ts'
import { takeState } from '../../ports/store/take-state.ts'

export interface RotateKeysOptions {
  state: string
  random(bytes: number): Uint8Array
  print(line: string): void
}

/** Most master keys at once. A server that runs deletes the older ones within half an hour. */
const most = 8

/**
 * Makes the next master key beside those that are there. It is one file, so a crash leaves it whole or not made. The server uses it
 * for new attempts from its next start on. Throws `StartRefusal`, also while the server runs.
 */
export const rotateKeys = async ({ state, random, print }: RotateKeysOptions): Promise<void> => {
  const taken = takeState(state)
  try {
    await finishKeyChange(state)
    const { masterKeys } = await readStateKeys(state)
    if (masterKeys.all.length >= most) {
      throw new StartRefusal(
        `there are ${most} master keys already`,
        'start the server, which deletes the older ones within half an hour'
      )
    }
    const key = random(masterKeyLength)
    const places = masterKeys.all.map(({ file }) => placeOfMasterKey(file) ?? 0)
    const file = masterKeyFile(Math.max(...places) + 1, key)
    await writeDurably(join(state, file), key)
    print(`${join(state, file)} created`)
    for (const { file } of masterKeys.all) {
      print(`${join(state, file)} stays until no open attempt needs it: the server deletes it within half an hour`)
    }
  } finally {
    taken.release()
  }
}
