import { firstMasterKey, idOfMasterKey, placeOfMasterKey } from './key-files.ts'

/** A key from which the secrets of tokens are derived, and the keys of the log. */
export interface MasterKey {
  /** Name of its file in the state folder. */
  file: string
  key: Uint8Array
}

/** The master keys of this server. New attempts have the newest one, and older ones go when no open attempt needs them. */
export class MasterKeys {
  #keys: readonly MasterKey[]

  /** Master keys of one server: at least one key, in any order. */
  constructor(keys: readonly MasterKey[]) {
    this.#keys = keys.toSorted(({ file: one }, { file: other }) => place(one) - place(other))
  }

  /** Id by which a new attempt names its key. Undefined for the first key, which attempts do not name. */
  get newest(): string | undefined {
    return idOfMasterKey(this.#keys.at(-1)?.file ?? firstMasterKey)
  }

  /** All keys, the oldest first. */
  get all(): readonly MasterKey[] {
    return this.#keys
  }

  /** The keys that are only for attempts that were opened before. */
  get older(): readonly MasterKey[] {
    return this.#keys.slice(0, -1)
  }

  /** The key that an attempt names. Undefined if this server does not have it. */
  of(id: string | undefined): Uint8Array | undefined {
    return this.#keys.find(({ file }) => idOfMasterKey(file) === id)?.key
  }

  /** Forgets an older key. */
  forget(key: MasterKey): void {
    this.#keys = this.#keys.filter((one) => one !== key)
  }
}

const place = (file: string): number => placeOfMasterKey(file) ?? 0
