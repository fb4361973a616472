import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Logger } from '../../../core/base/log.ts'
import type { Random } from '../../../core/base/random.ts'
import type { Appender, LogFacts } from '../../../core/ports/log/appender.ts'
import {
  bytesOf,
  documentAtMost,
  type HeadSpec,
  headAtMost,
  isName,
  type NewDocument,
  nextBatch,
  packBatch,
  sealHead
} from '../../../core/ports/log/format.ts'
import { digestText, type LogKeys, minus, partsOf, plus } from '../../../core/ports/log/log-keys.ts'
import { type LogObjects, NotDone, OutcomeUnknown, type WhyNot, whyNot } from '../../../core/ports/log/log-objects.ts'
import { packed } from '../../../core/ports/log/packed.ts'
import { bytesInEtcd, judgeBytes, type LogBudget, nothingSpent, type Refused, spend } from './budget.ts'
import { type LogClock, pauseAfter } from './log-clock.ts'
import type { OpenBatches } from './open-batches.ts'
import type { DocumentWriter } from './writing/document-writer.ts'

/** A document of the next batch, packed as its object will have it. */
interface Packed extends NewDocument {
  packed: string | null
}

interface Asked extends PromiseWithResolvers<number> {
  documents: readonly Packed[]
}

/** Reason why nothing can be written. Only for `refused` it helps to try again with an empty batch. */
type Trouble = 'refused' | 'no-room-in-head' | 'no-room-in-etcd'

/** The head with one more batch, and what follows from it. */
interface NextHead {
  head: HeadSpec
  bytes: number
  digest: bigint
  /** Parts in the digest of the documents that this batch writes. */
  parts: ReadonlyMap<string, bigint>
}

/** A live document: its part in the digest of the set by the newest key, and the bytes that it takes in etcd. */
export interface Live {
  part: bigint
  bytes: number
}

export interface HeadAppenderParts {
  objects: Pick<LogObjects, 'head' | 'moveHead'>
  writer: Pick<DocumentWriter, 'want' | 'hurry' | 'waiting' | 'trouble'>
  keys: LogKeys
  head: HeadSpec
  open: OpenBatches
  live: Map<string, Live>
  budget: LogBudget
  clock: LogClock
  random: Random
  logger: Logger
  mayGoOn(): boolean
  deposed(reason: string): void
}

/** Bytes of a head with no batch, and more. */
const besideBatches = 8 * 1024

/** Characters that the text of one batch may have. */
const batchAtMost = headAtMost - besideBatches

const movedByOthers = 'another server moved the head of the log, or etcd was restored'

/** Ends the work of a server that must not go on. Whoever waits gets no answer: nobody knows it. */
class Deposed extends Error {}

/**
 * Moves the head: one batch after the other, each by a patch that tests the hash of the one before. What is asked while a batch is
 * under way is the next batch. After an answer that was lost it reads the head: either the batch is there, or the same bytes are
 * sent again, or another server moved the head and this one is deposed.
 */
export class HeadAppender implements Appender {
  readonly #parts: HeadAppenderParts
  #head: HeadSpec
  /** The head that is under way. */
  #next: HeadSpec | undefined
  #digest: bigint
  #total: number
  #headBytes: number
  #asked: Asked[] = []
  #running = false
  #ended = false
  #doubted = false
  #idling = false
  #last: number
  #spent = nothingSpent
  #written = 0
  #trouble: { since: number; reason: WhyNot; kind: Trouble } | undefined
  /** Resolves when no batch is under way any more. */
  #quiet = Promise.withResolvers<void>()
  /** Resolves when the next document is written. */
  #progress = Promise.withResolvers<void>()

  constructor(parts: HeadAppenderParts) {
    this.#parts = parts
    this.#head = parts.head
    const live = [...parts.live.values()]
    this.#digest = live.reduce((digest, { part }) => plus(digest, part), 0n)
    this.#total = live.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#headBytes = bytesOf(parts.head)
    this.#last = parts.clock.monotonic()
    this.#clearWhenIdle()
  }

  append(documents: readonly NewDocument[]): Promise<number> {
    if (this.#ended) return Promise.reject(unavailable('this server ends'))
    if (documents.length === 0) return Promise.resolve(this.#head.number)
    for (const document of documents) {
      const why = refusesDocument(document)
      if (why !== undefined) return Promise.reject(unavailable(why))
    }
    const all = documents.map(({ name, text }) => ({ name, text, packed: text === null ? null : packed(text) }))
    const asked = { documents: all, ...Promise.withResolvers<number>() }
    this.#asked.push(asked)
    void this.#run()
    return asked.promise
  }

  /** The last batch of this server that is durable. */
  get last(): Pick<HeadSpec, 'number' | 'hash'> {
    const { number, hash } = this.#head
    return { number, hash }
  }

  refuses(document: NewDocument): string | undefined {
    return refusesDocument(document)
  }

  facts(): LogFacts {
    const { clock, live, open, writer } = this.#parts
    return {
      number: this.#head.number,
      term: this.#head.term,
      batches: open.size,
      headBytes: this.#headBytes,
      written: this.#written,
      waiting: writer.waiting,
      documents: live.size,
      bytes: this.#total,
      ...(this.#trouble && { unavailable: { for: clock.monotonic() - this.#trouble.since, ...this.#trouble.reason } }),
      ...given({ behind: writer.trouble })
    }
  }

  /** True if the head is the one that was made last, or the one that is under way. */
  async headIsOurs(): Promise<boolean> {
    const found = await this.#parts.objects.head()
    return found !== undefined && [this.#head.hash, this.#next?.hash].includes(found.hash)
  }

  /** Moves the head by an empty batch soon, unless a commit moves it before: each tests that the head is this server's. */
  doubt(): void {
    this.#doubted = true
    this.#clearWhenIdle()
  }

  /** Hears that a document is written. */
  documentWritten(): void {
    this.#progress.resolve()
    this.#progress = Promise.withResolvers()
    this.#clearWhenIdle()
  }

  /** Takes note of bytes that went to etcd. */
  spent(bytes: number): void {
    const { budget, clock } = this.#parts
    this.#spent = spend(this.#spent, clock.monotonic(), bytes, budget)
    this.#written += bytes
  }

  /** Begins no further batch. What was not sent is refused. Resolves when no batch is under way. */
  async end(): Promise<void> {
    this.#ended = true
    this.#refuse(this.#asked.splice(0), unavailable('this server ends'))
    if (this.#running) await this.#quiet.promise
  }

  /** Appends what is asked, until nothing is. */
  #run(): Promise<void> {
    return this.#alone(async () => {
      // what else is asked in this turn goes with it
      await Promise.resolve()
      while (this.#asked.length > 0) await this.#commit(this.#asked.splice(0))
    })
  }

  /** Does what moves the head, unless something else does so now. What ends in an error ends this server. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#running) return
    this.#running = true
    try {
      await work()
    } catch (error) {
      this.#ended = true
      this.#refuse(this.#asked.splice(0), unavailable('this server ends'))
      this.#parts.deposed(error instanceof Error ? error.message : String(error))
    }
    this.#running = false
    this.#quiet.resolve()
    this.#quiet = Promise.withResolvers()
    if (this.#asked.length > 0) void this.#run()
    else this.#clearWhenIdle()
  }

  #refuse(asked: readonly Asked[], error: ProblemError): void {
    for (const one of asked) one.reject(error)
  }

  /** Appends what was asked in one turn. Of two contents of one document the later one is written. */
  async #commit(asked: readonly Asked[]): Promise<void> {
    const newest = new Map<string, Packed>()
    for (const { documents } of asked) {
      for (const document of documents) {
        newest.delete(document.name)
        newest.set(document.name, document)
      }
    }
    const documents = [...newest.values()]
    const change = this.#changeBy(documents)
    try {
      // a part that is durable cannot be taken back, so the others must follow
      for (const [index, part] of inParts(documents).entries())
        await this.#put(part, index === 0 ? { change } : undefined)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return this.#refuse(asked, error)
    }
    for (const one of asked) one.resolve(this.#head.number)
  }

  /** Bytes that all documents take more, with these. */
  #changeBy(documents: readonly Packed[]): number {
    const before = (name: string): number => this.#parts.live.get(name)?.bytes ?? 0
    return documents.reduce((sum, { name, packed }) => sum + sizeOf(packed) - before(name), 0)
  }

  /**
   * Makes one batch durable. Throws ProblemError only if it `mayBeRefused`, and only if the batch surely is not. `change`: bytes that
   * all documents take more, by this batch and by those that must follow.
   */
  async #put(documents: readonly Packed[], mayBeRefused: { change: number } | undefined): Promise<void> {
    const { clock, random, open, writer, budget } = this.#parts
    const text = packBatch(documents, Buffer.from(random.bytes(16)).toString('hex'))
    const next = await this.#whenItFits(documents, text, mayBeRefused)
    // a doubt that comes from now on is not settled by this batch
    this.#doubted = false
    await this.#move(next, mayBeRefused !== undefined)
    this.#head = next.head
    this.#headBytes = next.bytes
    this.#digest = next.digest
    this.#total += this.#changeBy(documents)
    for (const { name, packed } of documents) {
      const part = next.parts.get(name)
      if (part === undefined) this.#parts.live.delete(name)
      else this.#parts.live.set(name, { part, bytes: sizeOf(packed) })
    }
    open.moved(next.head.batches, documents)
    // an empty batch says nothing of the room for documents
    if (documents.length > 0 || this.#trouble?.kind !== 'no-room-in-etcd') this.#trouble = undefined
    this.#last = clock.monotonic()
    for (const { name, packed } of documents) writer.want({ name, packed, number: next.head.number })
    writer.hurry(next.bytes - budget.gatherBelow)
  }

  /** The next head, once the head has room for it and it is within the budget. */
  async #whenItFits(
    documents: readonly Packed[],
    text: string,
    mayBeRefused: { change: number } | undefined
  ): Promise<NextHead> {
    const { clock, budget, writer } = this.#parts
    const until = clock.monotonic() + budget.room
    for (let tries = 1; ; tries += 1) {
      this.#requireLease()
      const next = this.#compose(documents, text)
      const change = mayBeRefused?.change ?? 0
      const over = judgeBytes({ total: this.#total, change, head: next.bytes }, this.#spent, clock.monotonic(), budget)
      if (over === undefined && next.bytes <= headAtMost) return next
      writer.hurry()
      const { why, retryAfter } = over ?? noRoom(writer.trouble?.why)
      this.#note({ why }, over === undefined ? 'no-room-in-head' : over.isFull ? 'no-room-in-etcd' : 'refused')
      if (mayBeRefused !== undefined && (over !== undefined || clock.monotonic() >= until)) {
        throw unavailable(why, retryAfter)
      }
      const left = until - clock.monotonic()
      const pause = pauseAfter(tries, budget)
      await Promise.race([clock.sleep(left > 0 ? Math.min(pause, left) : pause), this.#progress.promise])
    }
  }

  /** The head with one more batch, as it would be now. */
  #compose(documents: readonly Packed[], text: string): NextHead {
    const { keys, live, open } = this.#parts
    const { log, term, holder } = this.#head
    const { batch, hash } = nextBatch(this.#head, { term, text })
    let digest = this.#digest
    const [parts, partOf] = [new Map<string, bigint>(), partsOf(keys)]
    for (const { name, text } of documents) {
      digest = minus(digest, live.get(name)?.part ?? 0n)
      if (text === null) continue
      const part = partOf({ name, text, number: batch.number })
      parts.set(name, part)
      digest = plus(digest, part)
    }
    const kept = open.before(documents)
    const batches = documents.length === 0 && kept.length === 0 ? [] : [...kept, batch]
    const head = sealHead(
      { log, number: batch.number, hash, term, holder, documents: digestText(digest), batches },
      keys
    )
    return { head, bytes: bytesOf(head), digest, parts }
  }

  /** Moves the head to this one. Throws `Deposed` if another server moved it, or if this one may not go on. */
  async #move({ head, bytes }: NextHead, mayRefuse: boolean): Promise<void> {
    const { clock, budget } = this.#parts
    let unknown = false
    for (let failures = 1; ; failures += 1) {
      this.#requireLease()
      this.spent(bytes)
      const answer = await this.#send(head)
      if (answer === 'moved') return
      if (answer === 'unknown') unknown = true
      // this request may have moved it, or an earlier one
      const mustLook = unknown || !(answer instanceof NotDone)
      if (mustLook && (await this.#whoseHead(head)) === 'ours') return
      if (answer === 'other') throw new Deposed(movedByOthers)
      if (answer !== 'unknown' && mayRefuse && !unknown) {
        throw unavailable(answer.message, answer instanceof NotDone ? answer.retryAfter : undefined, answer)
      }
      await clock.sleep(pauseAfter(failures, budget))
    }
  }

  /** One request that moves the head. An error that nobody expects says as little as an answer that was lost. */
  async #send(head: HeadSpec): Promise<'moved' | 'other' | 'unknown' | NotDone | OutcomeUnknown> {
    this.#next = head
    try {
      return await this.#parts.objects.moveHead(this.#head.hash, head)
    } catch (error) {
      this.#note(whyNot(error))
      return error instanceof NotDone || (error instanceof OutcomeUnknown && error.isOver) ? error : 'unknown'
    }
  }

  /**
   * Reads the head, after an answer that does not say whether the next one is there. `before` if nothing moved yet. Throws `Deposed`
   * if somebody else moved it.
   */
  async #whoseHead(next: HeadSpec): Promise<'ours' | 'before'> {
    const { objects, clock, budget } = this.#parts
    for (let failures = 1; ; failures += 1) {
      this.#requireLease()
      try {
        const found = await objects.head()
        if (found?.hash === next.hash) return 'ours'
        if (found?.hash === this.#head.hash) return 'before'
        throw new Deposed(found === undefined ? 'the head of the log is gone' : movedByOthers)
      } catch (error) {
        if (error instanceof Deposed) throw error
        this.#note(whyNot(error))
      }
      await clock.sleep(pauseAfter(failures, budget))
    }
  }

  #requireLease(): void {
    if (!this.#parts.mayGoOn()) throw new Deposed('the lease of this server is over')
  }

  #note(reason: WhyNot, kind: Trouble = 'refused'): void {
    const { clock, logger } = this.#parts
    if (this.#trouble === undefined) logger.warn(reason, 'the log in the cluster cannot be written')
    this.#trouble = { since: this.#trouble?.since ?? clock.monotonic(), reason, kind }
  }

  /**
   * Moves the head by one empty batch, after a time without a commit, if there is a reason: to take out what is written, or to
   * see whether trouble is over, or whether the head is still this server's.
   */
  #clearWhenIdle(): void {
    if (this.#idling || this.#ended || !this.#mustClear) return
    this.#idling = true
    const { clock, budget } = this.#parts
    // a doubt may come meanwhile
    void clock.sleep(Math.min(budget.idle, Math.max(1, this.#restLeft))).then(async () => {
      this.#idling = false
      if (this.#ended || this.#running || !this.#mustClear) return
      if (this.#restLeft > 0) return this.#clearWhenIdle()
      await this.#clear()
    })
  }

  /** Milliseconds until the head may be cleared, if no commit moves it before. What is written does no harm there. */
  get #restLeft(): number {
    const { clock, budget } = this.#parts
    return this.#last + (this.#isUnsure ? budget.idle : budget.clear) - clock.monotonic()
  }

  get #mustClear(): boolean {
    const { open } = this.#parts
    return this.#isUnsure || (open.size > 0 && open.areWritten)
  }

  /** True if only the next batch shows whether the head is still this server's, or whether trouble is over. */
  get #isUnsure(): boolean {
    return this.#doubted || this.#trouble?.kind === 'refused'
  }

  #clear(): Promise<void> {
    return this.#alone(async () => {
      try {
        await this.#put([], { change: 0 })
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        // it is tried again after the next idle time
        this.#last = this.#parts.clock.monotonic()
      }
    })
  }
}

/** Characters of a text that fits into a document whatever it is: UTF-8 makes three bytes of one, and base64 four of three. */
const fitsAnyway = documentAtMost / 4 - 1024

/** Says why a document cannot be written at all. Undefined if it can. */
const refusesDocument = ({ name, text }: NewDocument): string | undefined => {
  if (!isName(name)) return `${JSON.stringify(name)} is no name of an object`
  if (text === null || text.length <= fitsAnyway) return undefined
  const { length } = packed(text)
  // as a part of a batch it may be a little longer
  if (length <= documentAtMost && packBatch([{ name, text }], nonceLike).length <= batchAtMost) return undefined
  return `${name} has ${length} bytes, and an object of the log may have ${documentAtMost}`
}

const nonceLike = '0'.repeat(32)

/**
 * Parts of which each fits into a head, by the packed texts of the documents. Together they are shorter in a batch, so half of the
 * room is enough for what the batch adds.
 */
const inParts = (documents: readonly Packed[]): (readonly Packed[])[] => {
  const length = documents.reduce((sum, { name, packed }) => sum + name.length + (packed?.length ?? 0), 0)
  if (documents.length < 2 || length <= batchAtMost / 2) return [documents]
  const half = Math.ceil(documents.length / 2)
  return [...inParts(documents.slice(0, half)), ...inParts(documents.slice(half))]
}

/** Bytes that a document takes in etcd. None, if it is deleted. */
const sizeOf = (packed: string | null): number => (packed === null ? 0 : bytesInEtcd(packed.length))

/** Refusal because the head is full, with what keeps documents from being written. */
const noRoom = (trouble: string | undefined): Omit<Refused, 'isFull'> => ({
  why: `the head of the log is full of batches whose documents are not written yet${trouble === undefined ? '' : ` (${trouble})`}`,
  retryAfter: 5
})

const unavailable = (why: string, retryAfter = 5, cause?: Error): ProblemError =>
  new ProblemError(
    'store-unavailable',
    {
      detail: `the log in the cluster cannot be written: ${why}`,
      remedy: 'look at the API server and at etcd (kubectl get --raw /readyz), then ask again'
    },
    { retryAfter, ...(cause && { cause }) }
  )
