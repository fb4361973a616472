import { hasOpenAttempt, statesThat } from '@joinery/protocol'
import type { Logger } from '../base/log.ts'
import { openAttempt } from '../enrolment/facts/attempts.ts'
import { idOfMasterKey } from '../keys/key-files.ts'
import type { MasterKey, MasterKeys } from '../keys/master-keys.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'

interface Parts {
  store: Pick<Store, 'enrolments'>
  masterKeys: MasterKeys
  /** True once the cluster knows the generation by the newest key: until then only an older one may read it. */
  isToldByNewest(): boolean
  /** Deletes a file of the state folder for good. If it is gone already, that is success. */
  remove(file: string): Promise<void>
  log: Logger
}

/** Deletes master keys from before a rotation, as soon as neither an open attempt nor the generation in the cluster needs them. */
export class OldMasterKeys {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Looks once. If there is one master key, as mostly, it costs nothing. */
  async sweep(): Promise<void> {
    const { store, masterKeys, isToldByNewest, remove, log } = this.#parts
    if (masterKeys.older.length === 0 || !isToldByNewest()) return
    const open = await store.enrolments(statesThat(hasOpenAttempt))
    for (const key of unneeded(masterKeys.older, open)) {
      await remove(key.file)
      masterKeys.forget(key)
      log.info({ file: key.file }, 'deleted a master key from before a rotation: no open attempt needs it')
    }
  }
}

/** The keys that no open attempt of these enrolments names. */
export const unneeded = (keys: readonly MasterKey[], enrolments: readonly EnrolmentDocument[]): MasterKey[] => {
  const named = new Set(
    enrolments
      .map(openAttempt)
      .filter((attempt) => attempt?.tokenId !== undefined)
      .map((attempt) => attempt?.masterKey)
  )
  return keys.filter(({ file }) => !named.has(idOfMasterKey(file)))
}
