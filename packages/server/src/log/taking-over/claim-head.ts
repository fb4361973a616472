import type { KnownLog } from '../appender.ts'
import { emptyHead, type HeadSpec, nextBatch, openHead, packBatch, sealHead, unpackBatch } from '../format.ts'
import type { SeenHead } from '../head-sight.ts'
import type { LogKeys } from '../log-keys.ts'
import { OutcomeUnknown } from '../log-objects.ts'
import type { LogParts } from '../log-parts.ts'
import { countedOut, damaged, other } from '../log-refusal.ts'
import { persist } from '../persist.ts'

export interface Claimed {
  head: HeadSpec
  /** Keys that the head is sealed with. */
  keys: LogKeys
}

/**
 * Moves the head by one empty batch with the next term, so that any other server is deposed at its next commit. Makes the head of a
 * new log if there is neither head nor document, and this host neither has nor saw a log. Throws `LogRefusal` if there is something that
 * this server must not go on with, and then it wrote nothing. With `least`, numbers go on beyond that one.
 */
export const claimHead = async (
  parts: LogParts,
  { known, seen, least = 0 }: { known: KnownLog | undefined; seen?: SeenHead | undefined; least?: number }
): Promise<Claimed> => {
  const { objects, mayGoOn } = parts
  const sent = new Set<string>()
  for (;;) {
    if (!mayGoOn()) throw new Error('the lease of this server is over')
    const spec = await persist(() => objects.head(), parts)
    if (spec === undefined) {
      await makeFirst(parts, known, seen)
      continue
    }
    const opened = openHead(spec, parts.keys)
    // an answer was lost
    if (sent.has(opened.head.hash)) return opened
    requireKnown(opened.head, known)
    requireSeen(opened.head, seen)
    if (Math.max(opened.head.number, least) > takenOverAtMost) throw countedOut(opened.head)
    const head = withNextTerm(opened, parts, least)
    sent.add(head.hash)
    const answer = await persist(
      () =>
        objects.moveHead(opened.head.hash, head).catch((error: unknown) => {
          if (error instanceof OutcomeUnknown) return 'unknown'
          throw error
        }),
      parts
    )
    if (answer === 'moved') return { head, keys: opened.keys }
  }
}

/** Throws `log-other` if the local file belongs to another log, or knows batches that the cluster has not. */
const requireKnown = (head: HeadSpec, known: KnownLog | undefined): void => {
  if (known === undefined) return
  if (known.log !== head.log) {
    throw other(`the local file belongs to log ${known.log}, and the cluster has log ${head.log}`)
  }
  if (known.number > head.number) {
    throw other(`the local file has batch ${known.number} of the log, and the cluster only batch ${head.number}`)
  }
}

/** Throws `log-other` if this host saw a later end of the same log: etcd was restored since. */
const requireSeen = (head: HeadSpec, seen: SeenHead | undefined): void => {
  if (seen === undefined || seen.log !== head.log || seen.number <= head.number) return
  throw other(`this host saw batch ${seen.number} of the log, and the cluster has only batch ${head.number}`)
}

/** Makes the head of a new log. Somebody else may be faster. */
const makeFirst = async (parts: LogParts, known: KnownLog | undefined, seen: SeenHead | undefined): Promise<void> => {
  const { objects, random, holder, keys } = parts
  if (known !== undefined) throw other(`the local file belongs to log ${known.log}, and the cluster has no log`)
  if (seen !== undefined)
    throw other(`this host saw batch ${seen.number} of log ${seen.log}, and the cluster has no log`)
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

/** The head that follows by an empty batch of the next term. It holds the batches that are open. */
const withNextTerm = (
  { head, keys }: Claimed,
  { random, holder }: Pick<LogParts, 'random' | 'holder'>,
  least: number
): HeadSpec => {
  const term = head.term + 1
  const skip = Buffer.from(random.bytes(4)).readUInt32BE() % skipAtMost
  const { batch, hash } = nextBatch(head, {
    term,
    text: packBatch([], Buffer.from(random.bytes(16)).toString('hex')),
    skip: Math.max(0, least - head.number) + skip
  })
  return sealHead(
    {
      // a head of format 1 keeps its digest until the documents have proven it; the batch that clears this one away has the new format
      format: head.format,
      log: head.log,
      number: batch.number,
      hash,
      term,
      holder,
      documents: head.documents,
      batches: [...withoutEmptyEnd(head.batches), batch]
    },
    keys
  )
}

/** The batches without empty ones at their end: servers that die one after the other must not fill the head. */
const withoutEmptyEnd = (batches: HeadSpec['batches']): HeadSpec['batches'] => {
  const last = batches.findLastIndex((batch) => unpackBatch(batch).length > 0)
  return batches.slice(0, last + 1)
}
