import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { chained, digestText, genesis, isMacOf, type LogKeys, macOf } from './log-keys.ts'
import { damaged, newer } from './log-refusal.ts'
import { packed, unpacked } from './packed.ts'

/**
 * Format of the head that this server writes. It reads format 1 too, whose digest bound no content, and format 2, in whose log
 * enrolments are flat.
 */
export const headFormat = 3

/** Format of the documents that this server writes, and the only one that it reads. */
const documentFormat = 1

/** Bytes that a head may have as JSON. */
export const headAtMost = 512 * 1024

/** Characters that the packed text of one document may have. An object of Kubernetes may have 1.5 MB. */
export const documentAtMost = 384 * 1024

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const LogId = Type.String({ pattern: '^[0-9a-z-]{1,64}$' })

/** Batch as the head keeps it. `text` is base64 of gzip of the JSON of `{ documents, nonce }`. */
export const BatchSpec = Type.Object(
  { number: Count, term: Count, text: Type.String({ maxLength: headAtMost }) },
  { additionalProperties: false }
)
export type BatchSpec = Static<typeof BatchSpec>

/**
 * The one object that a commit moves. `number`, `hash` and `term` are those of the last batch. `documents` is the keyed digest of
 * the set of all live documents after that batch, with their content. `batches` are the last ones, without those whose documents are
 * all written.
 */
export const HeadSpec = Type.Object(
  {
    format: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(headFormat)]),
    log: LogId,
    number: Count,
    hash: Hash,
    term: Count,
    holder: Type.String({ maxLength: 253 }),
    documents: Hash,
    batches: Type.Array(BatchSpec, { maxItems: 10_000 }),
    mac: Hash
  },
  { additionalProperties: false }
)
export type HeadSpec = Static<typeof HeadSpec>

/** A whole document. `number` is that of the batch that wrote it last, `text` is base64 of gzip of its JSON. */
export const DocumentSpec = Type.Object(
  {
    format: Type.Literal(documentFormat),
    log: LogId,
    number: Count,
    text: Type.String({ maxLength: documentAtMost }),
    mac: Hash
  },
  { additionalProperties: false }
)
export type DocumentSpec = Static<typeof DocumentSpec>

/** Content of one thing: its JSON, or null if it is deleted. */
export interface NewDocument {
  /** A valid name of a Kubernetes object. */
  name: string
  text: string | null
}

const NewDocument = Type.Object(
  {
    // https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: a DNS subdomain
    name: Type.String({
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
      maxLength: 253
    }),
    text: Type.Union([Type.String(), Type.Null()])
  },
  { additionalProperties: false }
)
/** True if an object of Kubernetes may have this name. */
export const isName = (name: string): boolean => Value.Check(NewDocument.properties.name, name)

const Batch = Type.Object(
  { documents: Type.Array(NewDocument), nonce: Type.String({ maxLength: 64 }) },
  { additionalProperties: false }
)

const headFields = ({ format, log, number, hash, term, holder, documents, batches }: Omit<HeadSpec, 'mac'>) => [
  'joinery log head',
  format,
  log,
  number,
  hash,
  term,
  holder,
  documents,
  batches.map((batch) => [batch.number, batch.term, batch.text])
]

const documentFields = (name: string, { format, log, number, text }: Omit<DocumentSpec, 'mac'>) => [
  'joinery log document',
  format,
  log,
  name,
  number,
  text
]

/** The head with its mac, in the newest format unless `head` says another. */
export const sealHead = (
  head: Omit<HeadSpec, 'mac' | 'format'> & Partial<Pick<HeadSpec, 'format'>>,
  keys: LogKeys
): HeadSpec => {
  const fields = { format: headFormat, ...head } as const
  return { ...fields, mac: macOf(keys, headFields(fields)) }
}

/** The head of a log in which nothing was written yet. */
export const emptyHead = (log: string, holder: string, keys: LogKeys): HeadSpec =>
  sealHead({ log, number: 0, hash: genesis(log), term: 0, holder, documents: digestText(0n), batches: [] }, keys)

/** The number of a format, of whatever the cluster has. */
export const formatOf = (spec: unknown): number | undefined => {
  const format = typeof spec === 'object' && spec !== null && 'format' in spec ? spec.format : undefined
  return typeof format === 'number' ? format : undefined
}

/**
 * Checks a head that the cluster has, and finds the keys that it was sealed with. Throws `LogRefusal`: `log-newer`, or
 * `log-damaged` if it is not a head that a server with one of these keys has written.
 */
export const openHead = (spec: unknown, keys: readonly LogKeys[]): { head: HeadSpec; keys: LogKeys } => {
  const format = formatOf(spec)
  if (format !== undefined && format > headFormat) throw newer('the head', format)
  if (!Value.Check(HeadSpec, spec)) throw damaged('the head of the log in the cluster is damaged')
  const own = keys.find((one) => isMacOf(one, headFields(spec), spec.mac))
  if (own === undefined) {
    throw damaged('the head of the log in the cluster was not written by a server with the master key of this host')
  }
  requireNoGap(spec)
  return { head: spec, keys: own }
}

/** Throws `log-damaged` unless the batches of a head follow one another, and end at its number. */
const requireNoGap = ({ batches, number, term }: HeadSpec): void => {
  const follows = batches.every((batch, index) => {
    const next = batches[index + 1]
    if (next === undefined) return batch.number === number && batch.term === term
    // a take-over skips numbers, and nothing else does
    return next.term === batch.term
      ? next.number === batch.number + 1
      : next.term > batch.term && next.number > batch.number
  })
  if (!follows) throw damaged(`the head of the log in the cluster has a gap before batch ${number}`)
}

/** Text that stands for a deleted document. */
const deleted = 'null'

export type SealedDocument = DocumentSpec & { name: string }

/** The document with its mac. What is deleted has the text of JSON's null. */
export const sealDocument = (
  { name, text, number, log }: NewDocument & { number: number; log: string },
  keys: LogKeys
): SealedDocument => sealPacked({ name, number, log, text: packed(text ?? deleted) }, keys)

/** The same for a text that is packed already. */
export const sealPacked = (
  { name, number, log, text }: { name: string; number: number; log: string; text: string },
  keys: LogKeys
): SealedDocument => {
  const fields = { format: documentFormat, log, number, text } as const
  return { name, ...fields, mac: macOf(keys, documentFields(name, fields)) }
}

/** Verdict on a document of the cluster. Only a document that is `ours` has a text that may be read. */
export type OpenedDocument =
  | { is: 'ours'; number: number; text: string | null; keys: LogKeys }
  /** It is of another log. Its mac was not looked at. */
  | { is: 'foreign' }
  | { is: 'newer'; format: number }
  | { is: 'damaged' }

/** Says what a document of the cluster is that stands under this name. */
export const openDocument = (name: string, spec: unknown, log: string, keys: readonly LogKeys[]): OpenedDocument => {
  const format = formatOf(spec)
  if (format !== undefined && format > documentFormat) return { is: 'newer', format }
  if (!Value.Check(DocumentSpec, spec)) return { is: 'damaged' }
  if (spec.log !== log) return { is: 'foreign' }
  const own = keys.find((one) => isMacOf(one, documentFields(name, spec), spec.mac))
  const text = own && unpacked(spec.text)
  if (own === undefined || text === undefined) return { is: 'damaged' }
  return { is: 'ours', number: spec.number, text: text === deleted ? null : text, keys: own }
}

/** The text of a batch. `nonce` is random, so that no two servers ever make the same batch. */
export const packBatch = (documents: readonly NewDocument[], nonce: string): string =>
  packed(JSON.stringify({ documents: documents.map(({ name, text }) => ({ name, text })), nonce }))

/** The documents of a batch. Throws `log-damaged`. */
export const unpackBatch = ({ number, text }: BatchSpec): NewDocument[] => {
  const content = unpacked(text)
  const batch = content === undefined ? undefined : parsed(content)
  if (!Value.Check(Batch, batch)) throw damaged(`batch ${number} of the log in the cluster is damaged`)
  return batch.documents
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Bytes of a head as JSON. All of it is ASCII but the name of its holder. */
export const bytesOf = (head: HeadSpec): number => Buffer.byteLength(JSON.stringify(head))

/** The batch that comes after this head, and its hash. */
export const nextBatch = (
  { number, hash }: Pick<HeadSpec, 'number' | 'hash'>,
  { term, text, skip = 0 }: { term: number; text: string; skip?: number }
): { batch: BatchSpec; hash: string } => {
  const next = number + 1 + skip
  return { batch: { number: next, term, text }, hash: chained(hash, next, term, text) }
}
