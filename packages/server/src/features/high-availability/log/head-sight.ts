import { isDeepStrictEqual } from 'node:util'
import { given } from '@joinery/protocol/given'
import type { Logger } from '../../../core/base/log.ts'
import type { KnownLog } from '../../../core/ports/log/appender.ts'
import { type HeadSpec, openHead } from '../../../core/ports/log/format.ts'
import type { LogKeys } from '../../../core/ports/log/log-keys.ts'
import type { LogObjects } from '../../../core/ports/log/log-objects.ts'
import { LogRefusal } from '../../../core/ports/log/log-refusal.ts'
import type { LostBranch } from '../../../core/ports/log/lost-branch.ts'
import {
  isSettledSince,
  judgePlace,
  type Line,
  type Place,
  placesOf,
  readTerms,
  type Term,
  termsName
} from '../../../core/ports/log/terms.ts'
import { isFresh, type KnownBatch, placeOfFile, type Seen, type SeenLog } from './memory/memory.ts'
import { newestOfHead } from './taking-over/newest-of-head.ts'

/** Place on this host where its memory of the log stays, for the next process. */
export interface SeenHeadFile {
  read(): Promise<Seen | undefined>
  write(seen: Seen): Promise<void>
}

/** A renewal of the Lease by another server, which this process has seen happen. */
export interface Renewal {
  holder: string
  /** Time of the renewal, by the clock of the holder. */
  at: string
}

/** The Lease before this host writes it, and as it is about to write it. */
export interface Taking {
  /** Undefined if there is no Lease. */
  found: { renewed: string; acquired: string } | undefined
  acquired: string
}

interface Parts {
  objects: Pick<LogObjects, 'head' | 'readDocument'>
  keys: readonly LogKeys[]
  file: SeenHeadFile
  /** Knowledge of the file of this host. */
  known: Pick<KnownLog, 'log' | 'number'> | undefined
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  log: Logger
}

/** Milliseconds between two looks. Batches of less time before a restore of etcd are known to the active server alone. */
const lookEach = 10_000

/** Milliseconds of the age of the memory on the disk beyond which it is written again. */
const writeEach = 20_000

/** Logs that a host remembers. */
const kept = 4

/**
 * Remembers how far the log has come, while this server stands by, and what it was when this server was active. If etcd is restored
 * meanwhile, this server must not go on with the older log in silence: the file of one that stands by is older than both.
 */
export class HeadSight {
  readonly #parts: Parts
  #seen: Seen | undefined
  #newer: string | undefined
  #lost: LostBranch | undefined
  /** History of terms as it was read last, and the term that it ends with. */
  #terms: { term: number; log: string; terms: readonly Term[] } | undefined
  /** The last writes are made in their order. */
  #written: Promise<void> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Memory of this host. Undefined if it never saw a log. */
  get seen(): Seen | undefined {
    return this.#seen
  }

  /** Sentence about a head that only a newer server can read. Undefined if the last one that was seen is none. */
  get newer(): string | undefined {
    return this.#newer
  }

  /** Branch that this host alone has, if the log left it or ends before it, and nobody has settled that. */
  get lost(): LostBranch | undefined {
    return this.#lost
  }

  /** Reads what this host remembers. */
  async begin(): Promise<void> {
    this.#seen = await this.#parts.file.read()
  }

  /**
   * Looks until `signal` aborts. `renewal`: the last renewal of the Lease by another server that this process saw. `changed` hears that
   * what this host alone has is another one.
   */
  async follow(signal: AbortSignal, renewal: () => Renewal | undefined, changed: () => void): Promise<void> {
    while (!signal.aborted) {
      const before = this.#lost
      await this.look(renewal)
      if (!isDeepStrictEqual(before, this.#lost)) changed()
      await this.#parts.sleep(lookEach, signal)
    }
  }

  /** Looks once. What cannot be read, or was not written by a server of this log, says nothing. */
  async look(renewal: () => Renewal | undefined): Promise<void> {
    const { objects, keys, log } = this.#parts
    try {
      const spec = await objects.head()
      if (spec === undefined) return
      const { head } = openHead(spec, keys)
      this.#newer = undefined
      const terms = await this.#termsAt(head)
      await this.#note(head, terms, sightOf(head, terms, renewal()))
    } catch (error) {
      if (error instanceof LogRefusal && error.code === 'log-newer') return this.#say(error.message)
      log.debug({ err: error }, 'the head of the log could not be looked at')
    }
  }

  /**
   * Notes whether the memory of this host is fresh, before this host writes the Lease: afterwards nobody can see any more when another
   * server renewed it last. If this host wrote the Lease last, and did not come to claim the head, what it noted then stays.
   */
  async taking({ found, acquired }: Taking): Promise<void> {
    const { logs, isFresh: before = false, took } = this.#seen ?? { logs: [] }
    const isOwn = found !== undefined && found.acquired === took
    const fresh = isOwn ? before : found !== undefined && isFresh(logs[0], found.renewed)
    await this.#keep({ logs, isFresh: fresh, took: acquired })
  }

  /** Notes that this server is the active one, and from which batch on. It must not serve before. */
  async took(log: string, own: KnownBatch): Promise<void> {
    await this.#keep({ logs: [{ log, number: own.number, own }, ...this.#others(log)] })
  }

  /** Notes the last batch of this server, at its end in good order. */
  async ended(log: string, last: Pick<KnownBatch, 'number' | 'hash' | 'at'>): Promise<void> {
    const own = this.#of(log)?.own
    if (own !== undefined) await this.took(log, { ...own, ...last })
  }

  #of(log: string): SeenLog | undefined {
    return this.#seen?.logs.find((one) => one.log === log)
  }

  #others(log: string): SeenLog[] {
    return (this.#seen?.logs ?? []).filter((one) => one.log !== log).slice(0, kept - 1)
  }

  /** The history of terms. It is read again only if another term has begun, or if it has to say whether a fork was settled. */
  async #termsAt(head: HeadSpec): Promise<readonly Term[]> {
    const { log, term } = head
    const { objects, keys } = this.#parts
    if (this.#lost === undefined && this.#terms?.log === log && this.#terms.term === term) return this.#terms.terms
    const { readDocument } = objects
    const terms = readTerms((await newestOfHead({ keys, readDocument }, head, termsName))?.text)
    this.#terms = { log, term, terms }
    return terms
  }

  async #note(head: HeadSpec, terms: readonly Term[], sight: KnownBatch | undefined): Promise<void> {
    const before = this.#of(head.log)
    const { known } = this.#parts
    const file = known?.log === head.log ? placeOfFile(known, before) : undefined
    const [ofFile, ofSight] = [file, before?.sight].map((place) => place && judgePlace(place, head.number, terms))
    this.#lost = lostBy(head, file, ofFile, terms) ?? lostBy(head, before?.sight, ofSight, terms)
    // what only this host knows stays, until somebody has settled it
    if (this.#lost !== undefined) return
    if (before !== undefined && sight === undefined && head.number <= before.number) return
    const age = Date.parse(sight?.at ?? '') - Date.parse(before?.sight?.at ?? '')
    if (before?.sight !== undefined && before.sight.hash === sight?.hash && age < writeEach) return
    // never back, but for a branch that was settled
    const number = ofSight?.is === 'fork' ? head.number : Math.max(head.number, before?.number ?? 0)
    const { logs: _, ...more } = this.#seen ?? {}
    const next: SeenLog = { log: head.log, number, ...given({ own: before?.own, sight: sight ?? before?.sight }) }
    const others = this.#others(head.log)
    // a log on which no server was seen yet is not the one that this host knows
    const isLast = sight === undefined && before === undefined
    await this.#keep({ ...more, logs: isLast ? [...others, next] : [next, ...others] })
  }

  async #keep(seen: Seen): Promise<void> {
    this.#seen = seen
    this.#written = this.#written.catch(() => {}).then(() => this.#parts.file.write(seen))
    await this.#written
  }

  #say(newer: string): void {
    if (this.#newer !== newer) this.#parts.log.warn({ reason: newer }, 'this server cannot take the log over')
    this.#newer = newer
  }
}

/** The head as one that an active server stands on. A server that only has the Lease knows nothing of the log yet: it must have claimed it. */
const sightOf = (
  { holder, number, hash, term }: HeadSpec,
  terms: readonly Term[],
  renewal: Renewal | undefined
): KnownBatch | undefined =>
  renewal?.holder === holder ? { number, hash, term, at: renewal.at, terms: placesOf(terms) } : undefined

const lostBy = (
  { log, number: end }: HeadSpec,
  place: Place | undefined,
  line: Line | undefined,
  terms: readonly Term[]
): LostBranch | undefined => {
  if (place === undefined || line === undefined || line.is === 'here') return undefined
  const { number } = place
  // whoever goes on with the log does so from there, and it is said before
  if (line.is === 'ahead') return { log, number, from: end + 1 }
  return isSettledSince(line.from, terms) ? undefined : { log, number, ...given({ from: line.from?.number }) }
}
