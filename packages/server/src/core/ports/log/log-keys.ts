import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Keys of the log. Both follow from one master key. */
export interface LogKeys {
  /** Key of the macs of head and documents. */
  readonly mac: Uint8Array
  /** Key of the digest of the set of all live documents. */
  readonly set: Uint8Array
}

/** The keys of the log that follow from a master key. They say nothing about the master key, nor about one another. */
export const logKeys = (masterKey: Uint8Array): LogKeys => {
  const derived = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(), `joinery log ${purpose}`, 32))
  return { mac: derived('mac'), set: derived('set') }
}

/**
 * The bytes that a mac or a hash is made of: JSON of strings and whole numbers. Two lists of fields never have the same bytes,
 * and the first field says what they are for.
 */
const canonical = (fields: readonly unknown[]): string => JSON.stringify(fields)

/** The mac of these fields, in hexadecimal digits. */
export const macOf = ({ mac }: LogKeys, fields: readonly unknown[]): string =>
  createHmac('sha256', mac).update(canonical(fields)).digest('hex')

export const isMacOf = (keys: LogKeys, fields: readonly unknown[], mac: string): boolean => {
  const [own, given] = [Buffer.from(macOf(keys, fields)), Buffer.from(mac)]
  return own.length === given.length && timingSafeEqual(own, given)
}

/** The hash of a batch, which contains that of the batch before. */
export const chained = (before: string, number: number, term: number, text: string): string =>
  createHash('sha256')
    .update(canonical(['joinery log batch', before, number, term, text]))
    .digest('hex')

/** Hash that stands before the first batch of a log. */
export const genesis = (log: string): string =>
  createHash('sha256')
    .update(canonical(['joinery log', log]))
    .digest('hex')

const modulus = 1n << 256n

/** Gives the part of one live document in the digest of the set. */
export type PartOf = (document: { name: string; number: number; text: string }) => bigint

/**
 * Gives the parts of documents in the digest of a head of this format: name, number and content count. The content is the unpacked text,
 * so neither another key nor another zlib changes it. In format 1 only name and number counted.
 */
export const partsOf =
  ({ set }: LogKeys, format?: number): PartOf =>
  ({ name, number, text }) => {
    const content = format === 1 ? [] : [createHash('sha256').update(text).digest('hex')]
    const part = createHmac('sha256', set).update(canonical(['joinery log document', name, number, ...content]))
    return BigInt(`0x${part.digest('hex')}`)
  }

/** The digest of the set of these documents. */
export const digestOf = (documents: Iterable<Parameters<PartOf>[0]>, partOf: PartOf): bigint => {
  let digest = 0n
  for (const document of documents) digest = plus(digest, partOf(document))
  return digest
}

/** The digest with a part more. The order in which parts come makes no difference. */
export const plus = (digest: bigint, part: bigint): bigint => (digest + part) % modulus

/** The digest with a part less. */
export const minus = (digest: bigint, part: bigint): bigint => (digest + modulus - part) % modulus

export const digestText = (digest: bigint): string => digest.toString(16).padStart(64, '0')

export const readDigest = (text: string): bigint => BigInt(`0x${text}`)
