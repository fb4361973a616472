import type { Logger } from '../../../../core/base/log.ts'
import { take } from '../../../../core/base/rates/token-bucket.ts'
import { openDocument, sealPacked } from '../../../../core/ports/log/format.ts'
import type { LogKeys } from '../../../../core/ports/log/log-keys.ts'
import {
  type LogObjects,
  OutcomeUnknown,
  type StoredDocument,
  type WhyNot,
  whyNot
} from '../../../../core/ports/log/log-objects.ts'
import { packed, unpacked } from '../../../../core/ports/log/packed.ts'
import { bytesInEtcd, type LogBudget } from '../budget.ts'
import { type LogClock, pauseAfter } from '../log-clock.ts'
import { Doubts } from './doubts.ts'

/** Newest content of one document. */
export interface Wanted {
  name: string
  number: number
  /** Base64 of gzip, or null if the document is to be deleted. */
  packed: string | null
}

/** Object that the cluster has under a name, as far as this process knows. */
interface Stored {
  version: string
  number: number
  /** True if it only says that the document is deleted. */
  isGrave: boolean
  /** True if a server wants the object deleted, so that nobody else has to be who did it. */
  mayGo?: boolean
}

/** The answer, or `unknown` if nobody can say what became of the request, and it may be carried out later. */
const orUnknown = <T>(answer: Promise<T>): Promise<T | 'unknown'> =>
  answer.catch((error: unknown) => {
    if (error instanceof OutcomeUnknown && !error.isOver) return 'unknown'
    throw error
  })

interface Parts {
  objects: Pick<LogObjects, 'writeDocument' | 'readDocument' | 'deleteDocument'>
  log: string
  /** Keys that documents may have been sealed with. New ones are sealed with the first. */
  keys: readonly LogKeys[]
  budget: LogBudget
  clock: LogClock
  logger: Logger
  /** True if this server may send requests still. */
  mayGoOn(): boolean
  deposed(reason: string): void
  /** Hears of something that must not happen, in one sentence. */
  alert(sentence: string): void
  /** True if the head is the one that this process made last. Rejects as `LogObjects` does. */
  headIsOurs(): Promise<boolean>
  /** Hears that the document is written, with the content that the batch with this number has. */
  written(name: string, number: number): void
  /** Hears of bytes that went to etcd. */
  spent(bytes: number): void
}

/**
 * Writes documents behind the commits. A document waits a moment, so that the next content of its name is written in the same request. Of
 * each name the newest content wins, and one request at a time is under way. It puts over the version that it knows, so it never
 * overwrites what another server wrote. If another version is there, it reads the document
 * and decides. While another server's late request could create a document again, a deleted one stays as a grave: an object that
 * says so, and that keeps the name taken.
 */
export class DocumentWriter {
  readonly #parts: Parts
  readonly #wanted = new Map<string, Wanted>()
  readonly #stored = new Map<string, Stored>()
  readonly #busy = new Set<string>()
  /** Names whose content waits for the next one, each with the time until which it does, and the one until which it may. */
  readonly #gathering = new Map<string, { until: number; atMost: number }>()
  #waking = false
  readonly #doubts: Doubts
  readonly #graves = new Map<string, number>()
  /** Tries in a row that did not end the work on a name. */
  readonly #tries = new Map<string, number>()
  #failures = 0
  #why: WhyNot | undefined
  /** When all that may be told may be told again. */
  #told: number | undefined
  #pausing = false
  #ended = false
  #idle = Promise.withResolvers<void>()
  #reaping = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#doubts = new Doubts(parts.clock.monotonic, parts.budget.late)
  }

  /** Number of documents whose newest content is not written yet. */
  get waiting(): number {
    return this.#wanted.size
  }

  /** Reason why the last document that failed was not written. Undefined if nothing waits. */
  get trouble(): WhyNot | undefined {
    return this.#wanted.size > 0 ? this.#why : undefined
  }

  /** Takes note of what the cluster has. */
  found(name: string, stored: Stored): void {
    const before = this.#stored.get(name)
    this.#stored.set(name, before?.version === stored.version ? { ...before, ...stored } : stored)
    if (stored.isGrave) this.#bury(name)
    else this.#graves.delete(name)
  }

  /** Takes note that somebody's late request may create or write this document. */
  doubt(name: string): void {
    this.#doubts.add(name)
  }

  /** Writes this content, in its turn. An older content that was not written yet never will be. */
  want(wanted: Wanted): void {
    const { clock, budget } = this.#parts
    const { name } = wanted
    const now = clock.monotonic()
    const waits = this.#gathering.get(name)
    if (waits !== undefined || !this.#wanted.has(name) || this.#busy.has(name)) {
      const { atMost } = waits ?? { atMost: now + budget.gatherAtMost }
      // the last one to change is the last one that is written
      this.#gathering.delete(name)
      this.#gathering.set(name, { until: Math.min(now + budget.gather, atMost), atMost })
    }
    this.#wanted.set(name, wanted)
    const stored = this.#stored.get(name)
    if (wanted.packed === null && stored !== undefined) stored.mayGo = true
    this.#pump()
  }

  /** Has documents of so many bytes wait for their next content no more: those that have rested longest. */
  hurry(bytes = Number.POSITIVE_INFINITY): void {
    let left = bytes
    for (const name of this.#gathering.keys()) {
      if (left <= 0) break
      this.#gathering.delete(name)
      left -= this.#wanted.get(name)?.packed?.length ?? 0
    }
    this.#pump()
  }

  /** Begins no further request. Resolves when none is under way. */
  async end(): Promise<void> {
    this.#ended = true
    if (this.#busy.size > 0) await this.#idle.promise
  }

  #pump(): void {
    if (this.#ended || this.#pausing) return
    this.#wakeLater()
    for (const wanted of this.#wanted.values()) {
      if (this.#busy.size >= this.#parts.budget.atOnce) return
      if (!this.#busy.has(wanted.name) && !this.#gathering.has(wanted.name)) void this.#turn(wanted)
    }
  }

  /** Lets those go that have waited for long enough, and comes back when the next one has. */
  #wakeLater(): void {
    const { clock } = this.#parts
    let next = Number.POSITIVE_INFINITY
    for (const [name, { until }] of this.#gathering) {
      const left = until - clock.monotonic()
      if (left <= 0) this.#gathering.delete(name)
      else next = Math.min(next, left)
    }
    if (this.#waking || this.#gathering.size === 0) return
    this.#waking = true
    void clock.sleep(next).then(() => {
      this.#waking = false
      this.#pump()
    })
  }

  async #turn(wanted: Wanted): Promise<void> {
    const { name } = wanted
    this.#busy.add(name)
    try {
      const done = await this.#work(wanted)
      this.#failures = 0
      this.#why = undefined
      if (done) this.#done(wanted)
      else if (!this.#ended) await this.#afterAnother(name)
    } catch (error) {
      this.#rest(error)
    } finally {
      this.#busy.delete(name)
      if (this.#busy.size === 0) {
        this.#idle.resolve()
        this.#idle = Promise.withResolvers()
      }
    }
    this.#pump()
  }

  #done(wanted: Wanted): void {
    const { name, number } = wanted
    this.#tries.delete(name)
    if (this.#wanted.get(name) === wanted) this.#wanted.delete(name)
    this.#parts.written(name, number)
  }

  /** Somebody else wrote the document meanwhile. Whoever does so again and again is not raced. */
  async #afterAnother(name: string): Promise<void> {
    const tries = (this.#tries.get(name) ?? 0) + 1
    this.#tries.set(name, tries)
    if (tries > 2) await this.#parts.clock.sleep(pauseAfter(tries - 2, this.#parts.budget))
  }

  /** Pauses all work: what failed for one document fails for all. */
  #rest(error: unknown): void {
    const { clock, budget, logger } = this.#parts
    this.#why = whyNot(error)
    if (this.#failures === 0) logger.warn(this.#why, 'a document of the log could not be written')
    this.#failures += 1
    if (this.#pausing) return
    this.#pausing = true
    void clock.sleep(pauseAfter(this.#failures, budget)).then(() => {
      this.#pausing = false
      this.#pump()
    })
  }

  /** Does the next thing for this content. Returns true if nothing is left to do. */
  async #work(wanted: Wanted): Promise<boolean> {
    if (!this.#mayGoOn()) return false
    const stored = this.#stored.get(wanted.name)
    if (wanted.packed !== null) return this.#put(wanted, stored)
    if (this.#isDoubtful(wanted.name)) return stored?.isGrave === true || this.#put(wanted, stored)
    return stored === undefined || this.#delete(wanted, stored)
  }

  /** Puts a document, or a grave. */
  async #put(wanted: Wanted, stored: Stored | undefined): Promise<boolean> {
    const { objects, log, keys, spent } = this.#parts
    const [own] = keys as [LogKeys]
    const isGrave = wanted.packed === null
    const text = wanted.packed ?? packed('null')
    spent(bytesInEtcd(text.length))
    const answer = await orUnknown(objects.writeDocument(sealPacked({ ...wanted, log, text }, own), stored?.version))
    // a late write over a version finds another one, but a late create may find the name free
    if (answer === 'unknown' && stored === undefined) this.doubt(wanted.name)
    if (typeof answer === 'string') return this.#look(wanted)
    this.found(wanted.name, { ...answer, number: wanted.number, isGrave })
    return true
  }

  async #delete(wanted: Wanted, { version }: Stored): Promise<boolean> {
    this.#parts.spent(bytesInEtcd(0))
    const answer = await orUnknown(this.#parts.objects.deleteDocument(wanted.name, version))
    if (answer === 'other' || answer === 'unknown') return this.#look(wanted)
    this.#forget(wanted.name)
    return true
  }

  #forget(name: string): void {
    this.#stored.delete(name)
    this.#graves.delete(name)
  }

  /**
   * Reads what the cluster has, after an answer that was lost, or after somebody else wrote. Returns true if it is what is wanted.
   * A higher number is the work of a server after this one.
   */
  async #look(wanted: Wanted): Promise<boolean> {
    const { objects, log, keys } = this.#parts
    const { name, number } = wanted
    const found = await objects.readDocument(name)
    if (found === undefined) return this.#lookAtNothing(wanted)
    const opened = openDocument(name, found.spec, log, keys)
    if (opened.is !== 'ours') {
      await this.#overwrite(found, opened.is)
      return false
    }
    if (opened.number > number) {
      // a newer content may be wanted by now
      if (opened.number > (this.#wanted.get(name)?.number ?? number)) {
        this.#depose(`another server wrote ${name} of batch ${opened.number}`)
      }
      return false
    }
    const before = this.#stored.get(name)
    const isOlder = before !== undefined && opened.number < before.number
    // an etcd that was restored has an older head, too: what this server knows must not be mixed into it
    if (isOlder && !(await this.#parts.headIsOurs())) return this.#deposedByHead()
    this.found(name, { version: found.version, number: opened.number, isGrave: opened.text === null })
    if (opened.number === number) return this.#isThere(wanted, opened.text)
    if (isOlder) {
      this.#tell(`somebody put ${name} of the log back from batch ${before.number} to batch ${opened.number}`)
    }
    return false
  }

  /** The same for a name that nothing stands under. Only servers delete documents that the log has no more. */
  async #lookAtNothing({ name, packed }: Wanted): Promise<boolean> {
    const before = this.#stored.get(name)
    if (before !== undefined && !before.isGrave && !before.mayGo) {
      if (!(await this.#parts.headIsOurs())) return this.#deposedByHead()
      this.#tell(`somebody deleted ${name} of the log`)
    }
    this.#forget(name)
    return packed === null && !this.#isDoubtful(name)
  }

  /** True if the document with the wanted number has the wanted text, as it must. */
  #isThere(wanted: Wanted, text: string | null): boolean {
    const same = wanted.packed === null ? text === null : text === unpacked(wanted.packed)
    if (!same) this.#depose(`another server wrote ${wanted.name} of batch ${wanted.number}`)
    return same
  }

  /**
   * Lets the next try put over a document that no server with these keys and this log wrote. It may be of a log that somebody
   * adopted meanwhile, and then the head was moved before.
   */
  async #overwrite({ name, version }: StoredDocument, is: 'foreign' | 'newer' | 'damaged'): Promise<void> {
    if (!(await this.#parts.headIsOurs())) return this.#depose('another server moved the head of the log')
    const number = this.#stored.get(name)?.number ?? 0
    this.found(name, { version, number, isGrave: false })
    if (is !== 'foreign') this.#tell(`somebody edited ${name} of the log`)
  }

  /** Says it. Whoever writes documents again and again does not fill log and timelines. */
  #tell(what: string): void {
    const { clock, budget } = this.#parts
    const taken = take(this.#told, clock.monotonic(), budget.told)
    if ('wait' in taken) return
    this.#told = taken.fullAt
    const sentence = `${what}; the server writes it again`
    this.#parts.logger.error(sentence)
    this.#parts.alert(sentence)
  }

  #isDoubtful(name: string): boolean {
    return this.#doubts.until(name) !== undefined
  }

  /** Deletes the grave when no late request can come any more. */
  #bury(name: string): void {
    const { clock, budget } = this.#parts
    this.#graves.set(name, Math.max(this.#doubts.until(name) ?? 0, clock.monotonic() + budget.late))
    void this.#reap()
  }

  async #reap(): Promise<void> {
    if (this.#reaping) return
    this.#reaping = true
    const { clock, budget } = this.#parts
    while (this.#graves.size > 0 && !this.#ended) {
      await clock.sleep(budget.late / 4)
      for (const [name, until] of this.#graves) {
        const grave = this.#stored.get(name)
        if (clock.monotonic() < until || this.#wanted.has(name) || grave === undefined) continue
        this.want({ name, number: grave.number, packed: null })
      }
    }
    this.#reaping = false
  }

  #mayGoOn(): boolean {
    if (this.#ended) return false
    if (this.#parts.mayGoOn()) return true
    this.#depose('the lease of this server is over')
    return false
  }

  #deposedByHead(): false {
    this.#depose('another server moved the head of the log, or etcd was restored')
    return false
  }

  #depose(reason: string): void {
    this.#ended = true
    this.#parts.deposed(reason)
  }
}
