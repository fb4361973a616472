import { given } from '@joinery/protocol/given'
import type { KnownLog } from '../../../../core/ports/log/appender.ts'
import {
  emptyHead,
  type HeadSpec,
  nextBatch,
  openHead,
  packBatch,
  sealHead,
  unpackBatch
} from '../../../../core/ports/log/format.ts'
import {
  digestOf,
  digestText,
  type LogKeys,
  minus,
  partsOf,
  plus,
  readDigest
} from '../../../../core/ports/log/log-keys.ts'
import { OutcomeUnknown } from '../../../../core/ports/log/log-objects.ts'
import { countedOut, damaged, other } from '../../../../core/ports/log/log-refusal.ts'
import { placesOf, readTerms, type Term, termsName, textOf } from '../../../../core/ports/log/terms.ts'
import type { Restored } from '../../../../core/ports/store/store-age.ts'
import type { LogParts } from '../log-parts.ts'
import { decideMemory, type KnownBatch, type LostFile, type MemoryVerdict, type Seen } from '../memory/memory.ts'
import { persist } from '../persist.ts'
import { newestOfHead } from './newest-of-head.ts'

export interface Opened {
  head: HeadSpec
  /** Keys that the head is sealed with. */
  keys: LogKeys
}

/** Knowledge of a server that claims the head, and the document by which it says that it knows too little. */
export interface ClaimingParts {
  /** Knowledge of the local file. Undefined if there is none. */
  known: KnownLog | undefined
  /** Memory of this host. */
  seen: Seen | undefined
  /** Makes the document by which everything that was given before gets settled, by whichever server is the next one that serves. */
  mark: (restored: Restored) => { name: string; text: string }
  /** Time by the wall clock, for the history of terms. */
  now: () => Date
}

export interface Claimed extends Opened {
  /** History of terms, with the one that began. */
  terms: readonly Term[]
  /** The first batch of the term, as this host must remember it. */
  own: KnownBatch
  /** Reason why this host must not trust what it found. Undefined if it knows the log. */
  restored: Restored | undefined
  /** The local file, if it lies on a branch that the log has left. */
  lost: LostFile | undefined
}

/** Judge of what a claim finds: see `decideMemory`. A command that adopts has one of its own. */
export type Judge = (found: { head: HeadSpec; terms: readonly Term[] }) => MemoryVerdict

/**
 * Moves the head by one batch with the next term, so that any other server is deposed at its next commit. The batch has the history of
 * terms, and the mark of a restore if this host must not trust what it finds. Makes the head of a new log if there is neither head nor
 * document, and this host neither has nor saw a log. Throws `LogRefusal` if there is something that this server must not go on with,
 * and then it wrote nothing. With `least`, numbers go on beyond that one.
 */
export const claimHead = async (
  parts: LogParts,
  {
    known,
    seen,
    mark,
    now,
    least = 0,
    isCommand,
    judge
  }: ClaimingParts & { least?: number; isCommand?: true; judge?: Judge }
): Promise<Claimed> => {
  const { objects, mayGoOn } = parts
  const sent = new Map<string, Claimed>()
  for (;;) {
    if (!mayGoOn()) throw new Error('the lease of this server is over')
    const spec = await persist(() => objects.head(), parts)
    if (spec === undefined) {
      await makeFirst(parts, known, seen)
      continue
    }
    const opened = openHead(spec, parts.keys)
    // an answer was lost
    const before = sent.get(opened.head.hash)
    if (before !== undefined) return before
    const found = await ownDocuments(parts, opened)
    if (found === 'moved') continue
    const terms = readTerms(found.terms?.text)
    const verdict = (judge ?? ((one) => decideMemory({ ...one, known, seen })))({ head: opened.head, terms })
    if (verdict.is === 'refused') throw other(verdict.cause)
    if (Math.max(opened.head.number, least) > takenOverAtMost) throw countedOut(opened.head)
    const claimed = nextTerm(parts, { opened, found, terms, verdict, mark, at: now().toISOString(), least, isCommand })
    sent.set(claimed.head.hash, claimed)
    const answer = await persist(
      () =>
        objects.moveHead(opened.head.hash, claimed.head).catch((error: unknown) => {
          if (error instanceof OutcomeUnknown) return 'unknown'
          throw error
        }),
      parts
    )
    if (answer === 'moved') return claimed
  }
}

/** Name of the document that `mark` makes. */
export const markName = 'mark'

interface OwnDocument {
  number: number
  text: string
}

interface OwnDocuments {
  terms: OwnDocument | undefined
  mark: OwnDocument | undefined
}

/** The two documents that a claim writes, as they are at this head. `moved` if another server has moved it meanwhile. */
const ownDocuments = async (parts: LogParts, opened: Opened): Promise<OwnDocuments | 'moved'> => {
  const readDocument = (name: string) => persist(() => parts.objects.readDocument(name), parts)
  const reading = { keys: parts.keys, readDocument }
  try {
    return {
      terms: await newestOfHead(reading, opened.head, termsName),
      mark: await newestOfHead(reading, opened.head, markName)
    }
  } catch (error) {
    const now = await persist(() => parts.objects.head(), parts)
    if (now?.hash !== opened.head.hash) return 'moved'
    throw error
  }
}

/** Makes the head of a new log. Somebody else may be faster. */
const makeFirst = async (parts: LogParts, known: KnownLog | undefined, seen: Seen | undefined): Promise<void> => {
  const { objects, random, holder, keys } = parts
  if (known !== undefined) throw other(`the local file belongs to log ${known.log}, and the cluster has no log`)
  const [last] = seen?.logs ?? []
  if (last !== undefined)
    throw other(`this host saw batch ${last.number} of log ${last.log}, and the cluster has no log`)
  if (await hasDocuments(parts)) {
    // another server made both meanwhile
    if ((await persist(() => objects.head(), parts)) !== undefined) return
    throw damaged('the log in the cluster has documents and no head')
  }
  await persist(() => objects.makeHead(emptyHead(random.id(), holder, keys[0])), parts)
}

const hasDocuments = (parts: LogParts): Promise<boolean> =>
  persist(async () => {
    for await (const page of parts.objects.documents()) if (page.length > 0) return true
    return false
  }, parts)

/**
 * Numbers that a take-over skips, at most. After a restore of etcd a log may have two ends, and a local file may know the other
 * one. By chance the numbers of the two ends are not the same, so nobody takes a document of the one for a document of the other.
 */
const skipAtMost = 2 ** 32

/** Highest number from which a take-over goes on. Nobody comes there by counting. */
const takenOverAtMost = Number.MAX_SAFE_INTEGER - 2 * skipAtMost

interface NextTerm {
  opened: Opened
  found: OwnDocuments
  terms: readonly Term[]
  verdict: { restored?: Restored; lost?: LostFile }
  mark: ClaimingParts['mark']
  at: string
  least: number
  isCommand: true | undefined
}

/** The head that follows by the first batch of the next term. It holds the batches that are open. */
const nextTerm = ({ random, holder }: LogParts, next: NextTerm): Claimed => {
  const { opened, found, verdict, at, isCommand } = next
  const { head, keys } = opened
  const { lost } = verdict
  // a mark that nobody has settled may be for less: then everything is settled, since nothing was given behind it
  const restored = verdict.restored && found.mark !== undefined ? { why: verdict.restored.why } : verdict.restored
  const term = head.term + 1
  const skip = Buffer.from(random.bytes(4)).readUInt32BE() % skipAtMost
  const number = head.number + 1 + Math.max(0, next.least - head.number) + skip
  const begun: Term = {
    term,
    number,
    before: { number: head.number, hash: head.hash, term: head.term },
    at,
    ...(restored !== undefined && { restored: restored.why, ...given({ upTo: restored.upTo }) }),
    ...given({ isCommand })
  }
  const terms = [...next.terms, begun]
  const marked = restored === undefined ? found.mark : next.mark(restored)
  const documents = [
    { name: termsName, text: textOf(terms) },
    ...(marked === undefined ? [] : [{ name: markName, text: marked.text }])
  ]
  const { batch, hash } = nextBatch(head, {
    term,
    text: packBatch(documents, Buffer.from(random.bytes(16)).toString('hex')),
    skip: number - head.number - 1
  })
  const before = [
    ...(found.terms === undefined ? [] : [{ name: termsName, ...found.terms }]),
    ...(found.mark === undefined ? [] : [{ name: markName, ...found.mark }])
  ]
  const partOf = partsOf(keys, head.format)
  const digest = plus(
    minus(readDigest(head.documents), digestOf(before, partOf)),
    digestOf(
      documents.map((document) => ({ ...document, number })),
      partOf
    )
  )
  const claimed = sealHead(
    {
      // a head of format 1 keeps its digest until the documents have proven it; the batch that clears this one away has the new format
      format: head.format,
      log: head.log,
      number,
      hash,
      term,
      holder,
      documents: digestText(digest),
      batches: [...withoutClaimsAtEnd(head.batches), batch]
    },
    keys
  )
  const own = { number, hash, term, at, terms: placesOf(terms) }
  return { head: claimed, keys, terms, own, restored, lost }
}

/** The batches without the claims at their end, whose documents the next one has anew: servers that die one after the other must not fill the head. */
const withoutClaimsAtEnd = (batches: HeadSpec['batches']): HeadSpec['batches'] => {
  const last = batches.findLastIndex((batch) => unpackBatch(batch).some(({ name }) => !claimed.has(name)))
  return batches.slice(0, last + 1)
}

const claimed: ReadonlySet<string> = new Set([termsName, markName])
