import { Value } from 'typebox/value'
import { sideBySide } from '../base/side-by-side.ts'
import { StartRefusal } from '../base/start-refusal.ts'
import type { KnownLog } from './appender.ts'
import { bytesInEtcd } from './budget.ts'
import {
  documentAtMost,
  emptyHead,
  HeadSpec,
  nextBatch,
  openHead,
  packBatch,
  type SealedDocument,
  sealDocument,
  sealHead,
  unpackBatch
} from './format.ts'
import type { SeenHead } from './head-sight.ts'
import { digestText, genesis, readDigest } from './log-keys.ts'
import { OutcomeUnknown } from './log-objects.ts'
import type { LogParts } from './log-parts.ts'
import { damaged, LogRefusal } from './log-refusal.ts'
import { packed } from './packed.ts'
import { persist } from './persist.ts'
import { claimHead } from './taking-over/claim-head.ts'
import { listAll, listDocuments } from './taking-over/list-documents.ts'
import { digestOf, merge, newestOf } from './taking-over/merge.ts'

/** Result of `store adopt --cluster`. */
export interface AdoptedCluster {
  log: string
  number: number
  documents: number
  /** True if the documents were not those of the head. They are now. */
  differed: boolean
}

/**
 * Makes the cluster's objects the truth, as they are: etcd was restored. Numbers go on beyond what the local file knows, so another
 * host whose file is ahead is refused until somebody adopts there too. If there is no head it makes one for the documents. The
 * caller must throw the local file away afterwards, and takes over then. It may be done twice.
 */
export const adoptCluster = async (
  parts: LogParts & { known: KnownLog | undefined; seen?: SeenHead | undefined }
): Promise<AdoptedCluster> => {
  const { known, seen, objects, keys, random, holder } = parts
  if ((await persist(() => objects.head(), parts)) === undefined) await headOfDocuments(parts)
  const { head, keys: headKeys } = await claimHead(parts, {
    known: undefined,
    least: Math.max(known?.number ?? 0, seen?.number ?? 0)
  })
  const { ours } = await listDocuments(parts, head)
  const batches = head.batches.map((batch) => ({ batch, documents: unpackBatch(batch) }))
  const merged = merge({ seen: ours, batches, digest: readDigest(head.documents), keys: headKeys, known: undefined })
  if (!('differs' in merged)) {
    return { log: head.log, number: head.number, documents: merged.live.length, differed: false }
  }
  const { live } = newestOf(ours, batches)
  const text = packBatch([], Buffer.from(random.bytes(16)).toString('hex'))
  const { batch, hash } = nextBatch(head, { term: head.term, text })
  const documents = digestText(digestOf(live, keys[0]))
  const { log, term } = head
  const next = sealHead(
    { log, number: batch.number, hash, term, holder, documents, batches: [...head.batches, batch] },
    keys[0]
  )
  await mustMove(parts, head.hash, next)
  return { log, number: batch.number, documents: live.length, differed: true }
}

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
  const documents = digestText(digestOf(newestOf(ours, []).live, keys[0]))
  const head = sealHead({ log, number, hash: genesis(log), term: 0, holder, documents, batches: [] }, keys[0])
  await persist(() => objects.makeHead(head), parts)
}

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
 * head is moved when all documents are there, so until then the log in the cluster is not this one, and after a crash it is done
 * again from the beginning. Returns what the local file must know then.
 */
export const adoptLocal = async (
  parts: LogParts & { documents: readonly { name: string; text: string }[] }
): Promise<KnownLog> => {
  const { objects, keys, random, holder, budget } = parts
  requireRoom(parts.documents, budget.total)
  const before = await deposeAll(parts)
  const log = random.id()
  const number = (before?.number ?? 0) + 1
  const versions = new Map((await listAll(parts)).map(({ name, version }) => [name, version]))
  await sideBySide(parts.documents, budget.atOnce, async ({ name, text }) => {
    await mustWrite(parts, sealDocument({ name, text, number, log }, keys[0]), versions.get(name))
  })
  const documents = new Map(parts.documents.map(({ name }) => [name, number]))
  const digest = digestText(
    digestOf(
      parts.documents.map(({ name }) => ({ name, number })),
      keys[0]
    )
  )
  const text = packBatch([], Buffer.from(random.bytes(16)).toString('hex'))
  const { hash } = nextBatch(before ?? { number: 0, hash: genesis(log) }, { term: (before?.term ?? 0) + 1, text })
  const head = sealHead(
    { log, number, hash, term: (before?.term ?? 0) + 1, holder, documents: digest, batches: [] },
    keys[0]
  )
  if (before === undefined) await mustMake(parts, head)
  else await mustMove(parts, before.hash, head)
  // only now does nobody need them
  await sideBySide(versions, budget.atOnce, async ([name, version]) => {
    if (!documents.has(name)) await persist(() => objects.deleteDocument(name, version), parts)
  })
  return { log, number, documents }
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

/** Deposes every server that runs. Returns the head that nobody else moves now. Undefined if there is none. */
const deposeAll = async (parts: LogParts): Promise<HeadSpec | undefined> => {
  const { objects, keys } = parts
  const found = await persist(() => objects.head(), parts)
  if (found === undefined) return undefined
  const head = opened(found, parts) ?? found
  const text = packBatch([], Buffer.from(parts.random.bytes(16)).toString('hex'))
  const term = head.term + 1
  const { batch, hash } = nextBatch(head, { term, text })
  const { log, holder, documents } = head
  const batches = [...head.batches, batch]
  const next = sealHead({ log, holder, documents, number: batch.number, hash, term, batches }, keys[0])
  await mustMove(parts, head.hash, next)
  return next
}

/** The head if a server with one of these keys wrote it. Undefined if it is damaged but has the fields of a head. */
const opened = (found: HeadSpec, { keys }: LogParts): HeadSpec | undefined => {
  try {
    return openHead(found, keys).head
  } catch (error) {
    if (error instanceof LogRefusal && error.code === 'log-damaged' && Value.Check(HeadSpec, found)) return undefined
    throw error
  }
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
