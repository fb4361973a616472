import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import { machineIds } from '../host/machine-ids.ts'
import { loadKept, readKept } from '../keys/kept.ts'

/**
 * The value that machine and pairing server both keep, so that a copy of the disk shows. It changes with each way back.
 */
export interface RecoveryRecord {
  /** The value of the last way back that the server has acknowledged. */
  current?: string
  /** The value of the way back that is under way. */
  next?: string
  /** True if the server has answered a question with `next`: it knows the value. */
  asked?: true
  placed?: Placed
}

/** The attempt whose credential was put on the disk for the kubelet, and the boot in which that was. */
export interface Placed {
  attempt: number
  bootId: string
}

interface Stored {
  current?: string
  /** The value with which the server was asked, and answered. */
  asked?: string
  placed?: Placed
}

/**
 * The record in a folder of the agent, beside the machine's key, in two files: what is settled, and the value that
 * follows. A power cut leaves the old file or the new one, whole. On another machine with a copy of the disk, and if it
 * is damaged, the record is empty: the server then sees a machine without a value, and asks a person.
 */
export class RecoveryFile {
  readonly #files: Files
  readonly #settled: string
  readonly #next: string

  constructor(files: Files, stateDirectory: string) {
    this.#files = files
    this.#settled = join(stateDirectory, 'recovery.json')
    this.#next = join(stateDirectory, 'recovery-next.json')
  }

  async read(): Promise<RecoveryRecord> {
    const ids = await machineIds(this.#files)
    const stored: Stored = readKept((await this.#files.read(this.#settled)) ?? '', ids, storedIn) ?? {}
    const { current, asked, placed } = stored
    const next = readKept((await this.#files.read(this.#next)) ?? '', ids, valueIn)
    // the power was cut before the value that is settled was removed as the one that follows
    if (next === undefined || next === current) return given({ current })
    return { ...given({ current, placed }), next, ...(asked === next && { asked: true }) }
  }

  /** The value that follows, made once, also by two processes at once. It is on the disk before anybody hears of it. */
  async next(newValue: () => string): Promise<string> {
    const { next, current } = await this.read()
    if (next !== undefined) return next
    const path = this.#next
    const load = () =>
      loadKept(this.#files, {
        path,
        ids: () => machineIds(this.#files),
        make: () => ({ next: newValue() }),
        read: valueIn
      })
    const kept = await load()
    if (kept !== current) return kept
    await this.#files.remove(path)
    return load()
  }

  /** Remembers that the server knows the value that follows. */
  async markAsked({ current, next }: RecoveryRecord): Promise<void> {
    await this.#write(given({ current, asked: next }))
  }

  /** The credential that was put on the disk, also if that was another machine's whose disk was copied. */
  async placedAnywhere(): Promise<Placed | undefined> {
    try {
      return storedIn(JSON.parse((await this.#files.read(this.#settled)) ?? '{}')).placed
    } catch {
      return undefined
    }
  }

  /** Remembers that the credential of this attempt is about to be on the disk. */
  async markPlaced({ current, next, asked }: RecoveryRecord, placed: Placed): Promise<void> {
    await this.#write(given({ current, asked: asked && next, placed }))
  }

  /** Makes the value that follows the present one. */
  async settle(next: string | undefined): Promise<void> {
    if (next === undefined) return
    await this.#write({ current: next })
    await this.#files.remove(this.#next)
  }

  async #write(stored: Stored): Promise<void> {
    await this.#files.write(this.#settled, JSON.stringify({ ...(await machineIds(this.#files)), ...stored }), 0o600)
  }
}

const storedIn = ({ current, asked, placed }: Stored): Stored => ({
  ...(isValue(current) && { current }),
  ...(isValue(asked) && { asked }),
  ...(isPlaced(placed) && { placed })
})

const isPlaced = (placed: Placed | undefined): placed is Placed =>
  Number.isInteger(placed?.attempt) && typeof placed?.bootId === 'string'

/** Throws if the file is damaged. */
const valueIn = ({ next }: { next: string }): string => {
  if (!isValue(next)) throw new Error('it is no value')
  return next
}

const isValue = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
