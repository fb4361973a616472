import type { OpenLog } from '../../../core/ports/log/appender.ts'
import { unpackBatch } from '../../../core/ports/log/format.ts'
import { partsOf, readDigest } from '../../../core/ports/log/log-keys.ts'
import { damaged } from '../../../core/ports/log/log-refusal.ts'
import { packed } from '../../../core/ports/log/packed.ts'
import { type Term, termsName, textOf } from '../../../core/ports/log/terms.ts'
import type { Restored } from '../../../core/ports/store/store-age.ts'
import { bytesInEtcd } from './budget.ts'
import { HeadAppender } from './head-appender.ts'
import type { LogParts } from './log-parts.ts'
import type { KnownBatch, LostFile } from './memory/memory.ts'
import { OpenBatches } from './open-batches.ts'
import { persist } from './persist.ts'
import { type ClaimingParts, claimHead, type Opened } from './taking-over/claim-head.ts'
import { listDocuments } from './taking-over/list-documents.ts'
import { differing, merge } from './taking-over/merge.ts'
import { DocumentWriter } from './writing/document-writer.ts'

export interface TakeOverParts extends LogParts, ClaimingParts {
  /** Hears, once, that another server goes on with the log. The process must end. */
  deposed(reason: string): void
  /** Hears of something that must not happen, in one sentence. */
  alert?(sentence: string): void
}

/** A log that was taken over, and what this host found out about its own memory of it. */
export interface Taken extends OpenLog {
  /** History of terms, with the present one. */
  terms(): readonly Term[]
  /** The first batch of the present term, as this host must remember it before it serves. */
  own: KnownBatch
  /** Reason why everything that was given before has to be settled. Undefined if this host knew the log. */
  restored: Restored | undefined
  /** The local file, if it lies on a branch that the log has left. It must go aside before the file is made again. */
  lost: LostFile | undefined
  /** Notes in the history, at the present term, what was settled because of a fork that was found later. */
  settled(fork: Pick<Term, 'restored' | 'upTo'>): Promise<void>
  /** Resolves with the last batch of this server. */
  close(): Promise<{ number: number; hash: string }>
}

/**
 * Takes over the log: moves the head by one batch with the next term, so that no other server can, and only then reads the
 * documents. Of each it takes the newer of document and batch. Throws `LogRefusal` if the log must not be gone on with, and then the
 * documents are as they were. Waits while the API server does not answer.
 */
export const takeOver = async (parts: TakeOverParts): Promise<Taken> => {
  const { objects, keys, clock, random, log, budget, mayGoOn } = parts
  const claimed = await claimHead(parts, parts)
  const { head, own, restored, lost } = claimed
  let history = claimed.terms
  const { ours, foreign, older, batches, live, unwritten, strays } = await read(parts, claimed)
  if (strays.length > 0) log.warn({ names: strays.map(({ name }) => name) }, 'late documents of the log are deleted')

  let isDeposed = false
  const deposed = (reason: string): void => {
    if (isDeposed) return
    isDeposed = true
    log.error({ reason }, 'this server was deposed')
    void writer.end()
    void appender.end()
    parts.deposed(reason)
  }
  const open = new OpenBatches()
  const writer = new DocumentWriter({
    objects,
    log: head.log,
    keys,
    budget,
    clock,
    logger: log,
    mayGoOn,
    deposed,
    alert: (sentence) => parts.alert?.(sentence),
    headIsOurs: () => appender.headIsOurs(),
    written: (name, number) => {
      open.written(name, number)
      appender.documentWritten()
    },
    spent: (bytes) => appender.spent(bytes)
  })
  const sizes = new Map(ours.map(({ name, bytes }) => [name, bytes]))
  const packedBatches = new Map(unwritten.map(({ name, text }) => [name, text === null ? null : packed(text)]))
  const bytesOf = (name: string): number => bytesInEtcd(packedBatches.get(name)?.length ?? sizes.get(name) ?? 0)
  const waiting = new Set(unwritten.map(({ name }) => name))
  open.takeOver(batches, (name) => waiting.has(name))
  const partOf = partsOf(keys[0])
  const appender = new HeadAppender({
    objects,
    writer,
    keys: keys[0],
    head,
    open,
    live: new Map(live.map((document) => [document.name, { part: partOf(document), bytes: bytesOf(document.name) }])),
    budget,
    clock,
    random,
    logger: log,
    mayGoOn,
    deposed
  })
  for (const { name, version, number, text } of ours) {
    writer.found(name, { version, number, isGrave: text === null })
    writer.doubt(name)
  }
  for (const { name, version } of foreign) writer.found(name, { version, number: 0, isGrave: false, mayGo: true })
  for (const { name, number } of unwritten) {
    writer.doubt(name)
    writer.want({ name, number, packed: packedBatches.get(name) ?? null })
  }
  for (const { name } of strays) writer.want({ name, number: head.number, packed: null })
  const [liveNames, strayNames] = [new Set(live.map(({ name }) => name)), new Set(strays.map(({ name }) => name))]
  for (const { name, number, packed } of older) {
    if (waiting.has(name) || strayNames.has(name) || !liveNames.has(name)) continue
    writer.want({ name, number, packed })
  }
  return {
    log: head.log,
    number: head.number,
    term: head.term,
    // the history is the log's own
    documents: live.filter(({ name }) => name !== termsName),
    terms: () => history,
    own,
    restored,
    lost,
    settled: async (fork) => {
      history = history.map((one) => (one.term === head.term ? { ...one, ...fork } : one))
      await appender.append([{ name: termsName, text: textOf(history) }])
    },
    appender,
    facts: () => appender.facts(),
    doubt: () => appender.doubt(),
    close: async () => {
      await Promise.all([appender.end(), writer.end()])
      return appender.last
    }
  }
}

/** Reads the documents of the log whose head this server has claimed. Throws `LogRefusal`. */
const read = async (parts: TakeOverParts, { head, keys }: Opened) => {
  try {
    const listed = await listDocuments(parts, head)
    const batches = head.batches.map((batch) => ({ batch, documents: unpackBatch(batch) }))
    const merged = merge({
      seen: listed.ours,
      batches,
      digest: readDigest(head.documents),
      partOf: partsOf(keys, head.format),
      known: parts.known
    })
    if ('differs' in merged) throw damaged(differing(merged.names))
    return { ...listed, ...merged, batches }
  } catch (error) {
    // what a server after this one has written fits its head, and not this one
    const now = await persist(() => parts.objects.head(), parts)
    if (now?.hash !== head.hash) throw new Error(overtaken, { cause: error })
    throw error
  }
}

/** Message of the error of a take-over during which another server took over. The process must end, and may try again. */
export const overtaken = 'another server took over the log meanwhile'
