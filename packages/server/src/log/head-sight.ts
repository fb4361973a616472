import type { Logger } from '../base/log.ts'
import { openHead } from './format.ts'
import type { LogKeys } from './log-keys.ts'
import type { LogObjects } from './log-objects.ts'
import { LogRefusal } from './log-refusal.ts'

/** The end of a log, as this host saw it in the cluster. */
export interface SeenHead {
  log: string
  /** Number of the last batch. */
  number: number
}

/** Place on this host where the last end of the log stays, for the next process. */
export interface SeenHeadFile {
  read(): Promise<SeenHead | undefined>
  write(seen: SeenHead): Promise<void>
}

interface Parts {
  objects: Pick<LogObjects, 'head'>
  keys: readonly LogKeys[]
  file: SeenHeadFile
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  log: Logger
}

/** Milliseconds between two looks. Batches of less time before a restore of etcd are known to the active server alone. */
const lookEach = 10_000

/**
 * Remembers how far the log has come, while this server stands by. If etcd is restored then, this server must not go on with the older
 * log: the file of one that stands by is older than both.
 */
export class HeadSight {
  readonly #parts: Parts
  #seen: SeenHead | undefined
  #newer: string | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The last end of the log that this host saw. Undefined if it never saw one. */
  get seen(): SeenHead | undefined {
    return this.#seen
  }

  /** Sentence about a head that only a newer server can read. Undefined if the last one that was seen is none. */
  get newer(): string | undefined {
    return this.#newer
  }

  /** Looks until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    this.#seen = await this.#parts.file.read()
    while (!signal.aborted) {
      await this.look()
      await this.#parts.sleep(lookEach, signal)
    }
  }

  /** Looks once. What cannot be read, or was not written by a server of this log, says nothing. */
  async look(): Promise<void> {
    const { objects, keys, file, log } = this.#parts
    try {
      const spec = await objects.head()
      if (spec === undefined) return
      const { head } = openHead(spec, keys)
      this.#newer = undefined
      const before = this.#seen
      // never back: that is what it is remembered for. And a log that this host does not know is none that it can judge
      if (before !== undefined && (before.log !== head.log || before.number >= head.number)) return
      this.#seen = { log: head.log, number: head.number }
      await file.write(this.#seen)
    } catch (error) {
      if (error instanceof LogRefusal && error.code === 'log-newer') return this.#say(error.message)
      log.debug({ err: error }, 'the head of the log could not be looked at')
    }
  }

  #say(newer: string): void {
    if (this.#newer !== newer) this.#parts.log.warn({ reason: newer }, 'this server cannot take the log over')
    this.#newer = newer
  }
}
