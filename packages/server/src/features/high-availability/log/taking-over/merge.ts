import type { KnownLog, LiveDocument } from '../../../../core/ports/log/appender.ts'
import type { BatchSpec, NewDocument } from '../../../../core/ports/log/format.ts'
import { digestOf, minus, type PartOf } from '../../../../core/ports/log/log-keys.ts'
import { termsName } from '../../../../core/ports/log/terms.ts'

/** A document of this log that the cluster has, and whose mac is right. */
export interface SeenDocument extends NewDocument {
  number: number
}

export interface Merging {
  /** Documents that the cluster has. */
  seen: readonly SeenDocument[]
  /** Batches that the head holds, oldest first, with what is in them. */
  batches: readonly { batch: BatchSpec; documents: readonly NewDocument[] }[]
  /** Digest of the head, and how it counts documents. */
  digest: bigint
  partOf: PartOf
  known: KnownLog | undefined
}

export interface Merged {
  live: LiveDocument[]
  /** Newest content of what the cluster has not, or has older. */
  unwritten: SeenDocument[]
  /** Documents that were deleted, and that a late request of a server before made again. */
  strays: SeenDocument[]
}

/**
 * Takes of each document the newer of document and batch. Returns `differs` if what is there is not what the head says: then a
 * document was deleted or put back by somebody else, and `names` has those that the local file can name.
 */
export const merge = (merging: Merging): Merged | { differs: true; names: string[] } => {
  const { known } = merging
  const { newest, live, unwritten } = newestOf(merging.seen, merging.batches)
  const fromBatch = new Set(unwritten.map(({ name }) => name))
  const strays = straysAmong(live, { ...merging, settled: (name) => !fromBatch.has(name) })
  if (strays === undefined) return { differs: true, names: suspects(newest, known).map(({ says }) => says) }
  const stray = new Set<SeenDocument>(strays)
  return { live: live.filter((document) => !stray.has(document)), unwritten, strays }
}

/** The newer of document and batch, of each name. */
export const newestOf = (
  seen: Merging['seen'],
  batches: Merging['batches']
): { newest: ReadonlyMap<string, SeenDocument>; live: LiveDocument[]; unwritten: SeenDocument[] } => {
  const newest = new Map(seen.map((document) => [document.name, document]))
  const fromBatch = new Map<string, SeenDocument>()
  for (const { batch, documents } of batches) {
    for (const { name, text } of documents) {
      if ((newest.get(name)?.number ?? -1) >= batch.number) continue
      const document = { name, text, number: batch.number }
      newest.set(name, document)
      fromBatch.set(name, document)
    }
  }
  return { newest, live: [...newest.values()].filter(isLive), unwritten: [...fromBatch.values()] }
}

const isLive = (document: SeenDocument): document is LiveDocument => document.text !== null

/**
 * The documents that must not be there, so that the others are exactly those of the digest. Those that the local file knows to be
 * deleted go first. Of the rest two are found at most: a late create is rare, and there is one for each request that was under
 * way. Undefined if there is no such choice.
 */
const straysAmong = (
  live: readonly LiveDocument[],
  {
    digest,
    partOf,
    known,
    settled
  }: Pick<Merging, 'digest' | 'partOf' | 'known'> & { settled: (name: string) => boolean }
): LiveDocument[] | undefined => {
  const surplus = minus(digestOf(live, partOf), digest)
  if (surplus === 0n) return []
  const mayBeStray = live.filter(({ name }) => name !== termsName && settled(name))
  const found = atMostTwo(mayBeStray, surplus, partOf)
  if (found !== undefined || known === undefined) return found
  const forgotten = mayBeStray.filter(({ name, number }) => number <= known.number && !known.documents.has(name))
  const gone = new Set(forgotten)
  const rest = atMostTwo(
    mayBeStray.filter((document) => !gone.has(document)),
    minus(surplus, digestOf(forgotten, partOf)),
    partOf
  )
  return rest && [...forgotten, ...rest]
}

/** Finds at most two documents whose parts are exactly this surplus. Undefined if there are none. */
const atMostTwo = (documents: readonly LiveDocument[], surplus: bigint, partOf: PartOf): LiveDocument[] | undefined => {
  if (surplus === 0n) return []
  const byPart = new Map<bigint, LiveDocument>()
  for (const document of documents) {
    const part = partOf(document)
    if (part === surplus) return [document]
    const mate = byPart.get(minus(surplus, part))
    if (mate !== undefined) return [mate, document]
    byPart.set(part, document)
  }
  return undefined
}

/** A document that is missing, or older than the local file knows, in words. */
interface Suspect {
  says: string
  isMissing: boolean
}

/** The documents that are missing, or older than the local file knows. */
export const suspects = (newest: ReadonlyMap<string, SeenDocument>, known: KnownLog | undefined): Suspect[] =>
  [...(known?.documents ?? [])]
    .map(([name, number]) => ({ name, number, found: newest.get(name)?.number }))
    .filter(({ number, found = -1 }) => found < number)
    .map(({ name, number, found }) => ({
      says: found === undefined ? `${name} is missing` : `${name} is of batch ${found} and was of ${number}`,
      isMissing: found === undefined
    }))
    .sort((a, b) => (a.says < b.says ? -1 : 1))

const named = 5

/** A sentence about documents that are not those of the head. */
export const differing = (names: readonly string[]): string => {
  const some = names.slice(0, named).join(', ')
  const more = names.length > named ? `, and ${names.length - named} more` : ''
  return `the documents of the log in the cluster are not those of its head${some && `: ${some}`}${more}`
}
