import { sideBySide } from '../../../core/base/side-by-side.ts'
import { StartRefusal } from '../../../core/base/start-refusal.ts'
import type { KnownLog } from '../../../core/ports/log/appender.ts'
import {
  documentAtMost,
  emptyHead,
  formatOf,
  type HeadSpec,
  headFormat,
  nextBatch,
  packBatch,
  type SealedDocument,
  sealDocument,
  sealHead,
  unpackBatch
} from '../../../core/ports/log/format.ts'
import { digestOf, digestText, genesis, partsOf, readDigest } from '../../../core/ports/log/log-keys.ts'
import { OutcomeUnknown } from '../../../core/ports/log/log-objects.ts'
import { countedOut, damaged, newerOrForged } from '../../../core/ports/log/log-refusal.ts'
import { packed } from '../../../core/ports/log/packed.ts'
import { termsName } from '../../../core/ports/log/terms.ts'
import { bytesInEtcd } from './budget.ts'
import type { LogParts } from './log-parts.ts'
import { adopted, decideAdopted, type KnownBatch, type LostFile } from './memory/memory.ts'
import { persist } from './persist.ts'
import { type ClaimingParts, claimHead, markName } from './taking-over/claim-head.ts'
import { listAll, listDocuments } from './taking-over/list-documents.ts'
import { merge, newestOf, suspects } from './taking-over/merge.ts'

/** Result of `store adopt --cluster`. */
export interface AdoptedCluster {
  log: string
  number: number
  documents: number
  /** True if the documents were not those of the head. They are now. */
  differed: boolean
  /** Documents that the local file knows newer, each with its numbers, and those that are missing though it knows them. */
  older: string[]
  /** True if codes and approvals were settled since this host knew the log, so that nothing is asked again. */
  isSettled: boolean
  /** The last batch, as this host must remember it. */
  own: KnownBatch
  /** When the log left what the file of this host has, if anybody can say that. */
  lost: LostFile | undefined
}

/**
 * Makes the cluster's objects the truth, as they are: etcd was restored. Numbers go on beyond what the local file knows, so another
 * host whose file is ahead is refused until somebody adopts there too. If there is no head it makes one for the documents. The
 * caller must throw the local file away afterwards, and takes over then. It may be done twice. Throws `log-damaged` if no document is
 * there, or one that no server wrote.
 */
export const adoptCluster = async (parts: LogParts & ClaimingParts): Promise<AdoptedCluster> => {
  const { known, seen, objects, keys, random, holder } = parts
  const found = await persist(() => objects.head(), parts)
  if (found === undefined) await headOfDocuments(parts)
  const {
    head,
    keys: headKeys,
    own,
    lost,
    restored
  } = await claimHead(parts, {
    ...parts,
    // what the person says counts, also where this host would make a new log or refuse
    known: undefined,
    seen: undefined,
    least: Math.max(known?.number ?? 0, ...(seen?.logs ?? []).map(({ number }) => number)),
    isCommand: true,
    judge: (found) => decideAdopted({ ...found, known, seen })
  })
  const { ours } = await listDocuments(parts, head)
  const batches = head.batches.map((batch) => ({ batch, documents: unpackBatch(batch) }))
  const digest = readDigest(head.documents)
  const merged = merge({ seen: ours, batches, digest, partOf: partsOf(headKeys, head.format), known: undefined })
  const differed = 'differs' in merged
  const { live: there, newest } = newestOf(ours, batches)
  if (differed && countOf(there) === 0) {
    throw damaged(`the cluster has no document of log ${head.log}, so there is nothing to adopt`)
  }
  // what a log that went on has not may have been deleted since
  const isAhead = !differed && found !== undefined && found.number >= (known?.number ?? 0)
  const older = known?.log === head.log ? suspects(newest, known).filter((one) => !(isAhead && one.isMissing)) : []
  const result = {
    log: head.log,
    differed,
    older: older.map(({ says }) => says),
    lost,
    isSettled: restored === undefined && !differed
  }
  if (!differed) return { ...result, number: head.number, documents: countOf(merged.live), own }
  // somebody deleted documents, or put them back: what was settled before may be among them
  const marks = restored === undefined ? [parts.mark({ why: adopted })] : []
  const text = packBatch(marks, Buffer.from(random.bytes(16)).toString('hex'))
  const { batch, hash } = nextBatch(head, { term: head.term, text })
  const { live } = newestOf(ours, [...batches, { batch, documents: marks }])
  const documents = digestText(digestOf(live, partsOf(keys[0])))
  const { log, term } = head
  const next = sealHead(
    { log, number: batch.number, hash, term, holder, documents, batches: [...head.batches, batch] },
    keys[0]
  )
  await mustMove(parts, head.hash, next)
  const { number } = batch
  return { ...result, number, documents: countOf(live), own: { ...own, number, hash } }
}

/** Number of documents without those that the log has for itself. */
const countOf = (live: readonly { name: string }[]): number =>
  live.filter(({ name }) => name !== termsName && name !== markName).length

/** Makes a head for documents that have none. What was in batches of the head that is gone is lost. */
const headOfDocuments = async (parts: LogParts): Promise<void> => {
  const { objects, keys, holder } = parts
  const stored = await listAll(parts)
  const logs = [...new Set(stored.map(({ spec }) => spec.log))]
  const [log] = logs
  if (log === undefined) return
  if (logs.length > 1) throw damaged('the documents in the cluster are of several logs, and there is no head')
  const { ours } = await listDocuments(parts, { ...emptyHead(log, holder, keys[0]), number: Number.MAX_SAFE_INTEGER })
  const number = Math.max(...ours.map((document) => document.number))
  // a take-over skips numbers, so only what writes a new log has the first one
  if (number === firstNumber) throw damaged('a log was written to the cluster, and never all of it')
  const documents = digestText(digestOf(newestOf(ours, []).live, partsOf(keys[0])))
  const head = sealHead({ log, number, hash: genesis(log), term: 0, holder, documents, batches: [] }, keys[0])
  await persist(() => objects.makeHead(head), parts)
}

/** Number of the documents of a new log, if there was no head to count on from. */
const firstNumber = 1

/** Moves the head, or throws because somebody else did. */
const mustMove = async (parts: LogParts, before: string, head: HeadSpec): Promise<void> => {
  const { objects } = parts
  const answer = await persist(
    () =>
      objects.moveHead(before, head).catch(async (error: unknown) => {
        if (!(error instanceof OutcomeUnknown)) throw error
        const found = await objects.head()
        if (found?.hash === before) throw error
        return 'other' as const
      }),
    parts
  )
  if (answer === 'other' && (await persist(() => objects.head(), parts))?.hash !== head.hash) {
    throw new Error('another server moved the head of the log meanwhile')
  }
}

/**
 * Writes the log again from the local file, as a log with another id: objects were lost. Any server that runs is deposed first. The
 * head is moved when all documents are there, so until then the log in the cluster is one that nobody takes over or adopts, and after a
 * crash it is done again from the beginning. Returns what the local file must know then.
 */
export const adoptLocal = async (
  parts: LogParts & { documents: readonly { name: string; text: string }[] }
): Promise<KnownLog & { hash: string; term: number }> => {
  const { objects, keys, random, holder, budget } = parts
  requireRoom(parts.documents, budget.total)
  const log = random.id()
  const before = await deposeAll(parts)
  const number = before === undefined ? firstNumber : before.number + 1
  const versions = new Map((await listAll(parts)).map(({ name, version }) => [name, version]))
  await sideBySide(parts.documents, budget.atOnce, async ({ name, text }) => {
    await mustWrite(parts, sealDocument({ name, text, number, log }, keys[0]), versions.get(name))
  })
  const documents = new Map(parts.documents.map(({ name }) => [name, number]))
  const digest = digestOf(
    parts.documents.map((document) => ({ ...document, number })),
    partsOf(keys[0])
  )
  const text = packBatch([], Buffer.from(random.bytes(16)).toString('hex'))
  const term = (before?.term ?? 0) + 1
  const { hash } = nextBatch(before ?? { number: 0, hash: genesis(log) }, { term, text })
  const head = sealHead({ log, number, hash, term, holder, documents: digestText(digest), batches: [] }, keys[0])
  if (before === undefined) await mustMake(parts, head)
  else await mustMove(parts, before.hash, head)
  // only now does nobody need them
  await sideBySide(versions, budget.atOnce, async ([name, version]) => {
    if (!documents.has(name)) await persist(() => objects.deleteDocument(name, version), parts)
  })
  return { log, number, documents, hash, term }
}

/** Throws `StartRefusal` if the cluster cannot take these documents. */
const requireRoom = (documents: readonly { name: string; text: string }[], total: number): void => {
  let bytes = 0
  for (const { name, text } of documents) {
    const { length } = packed(text)
    if (length > documentAtMost) {
      throw new StartRefusal(`${name} has ${length} bytes, and an object of the log may have ${documentAtMost}`)
    }
    bytes += bytesInEtcd(length)
  }
  if (bytes > total) throw new StartRefusal(`the documents take ${bytes} bytes of etcd, and may take ${total}`)
}

/** Highest number and term that are counted on from. They leave room for a million take-overs, and no honest one comes near. */
const adoptedAtMost = 2 ** 52

/** True if numbers can go on from this one. Somebody may have written anything. */
const mayBeCountedOn = (count: number): boolean => Number.isSafeInteger(count) && count >= 0 && count <= adoptedAtMost

/**
 * Deposes every server that runs, by the head of a log that has no documents and never gets one: nobody adopts a part of those that are
 * written then. Nothing of the head before is in it but two numbers to count on from: whoever wrote that head may have had no key. Its
 * digest is that of no documents at all, so nobody takes it over either. Returns that head. Undefined if there is none.
 */
const deposeAll = async (parts: LogParts): Promise<HeadSpec | undefined> => {
  const { objects, keys, holder, random } = parts
  const found = await persist(() => objects.head(), parts)
  if (found === undefined) return undefined
  const format = formatOf(found)
  if (format !== undefined && format > headFormat) throw newerOrForged(format)
  if (![found.number, found.term].every(mayBeCountedOn)) throw countedOut(found)
  const documents = Buffer.from(random.bytes(32)).toString('hex')
  const [log, number, term] = [random.id(), found.number + 1, found.term + 1]
  const next = sealHead({ log, number, hash: genesis(log), term, holder, documents, batches: [] }, keys[0])
  await mustMove(parts, found.hash, next)
  return next
}

const mustMake = async (parts: LogParts, head: HeadSpec): Promise<void> => {
  const answer = await persist(() => parts.objects.makeHead(head), parts)
  if (answer === 'exists' && (await persist(() => parts.objects.head(), parts))?.hash !== head.hash) {
    throw new Error('another server made the head of the log meanwhile')
  }
}

/** Puts the document over whatever is there. */
const mustWrite = async (parts: LogParts, document: SealedDocument, version: string | undefined): Promise<void> => {
  const { objects } = parts
  let known = version
  for (;;) {
    const answer = await persist(
      () =>
        objects.writeDocument(document, known).catch((error: unknown) => {
          if (error instanceof OutcomeUnknown) return 'other' as const
          throw error
        }),
      parts
    )
    if (answer !== 'other') return
    const found = await persist(() => objects.readDocument(document.name), parts)
    if (found?.spec.mac === document.mac) return
    known = found?.version
  }
}
