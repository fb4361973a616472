/**
 * True if the bytes are one value in DER, in the strictest reading: definite and shortest lengths, shortest integers and object
 * identifiers, primitive strings, sorted sets, nothing before or behind. Only types that a certificate request has are known,
 * and of strings only those that everybody reads alike: UTF8String, PrintableString and IA5String. The inside of an OCTET
 * STRING or a BIT STRING is not looked at. Rules: ITU-T X.690, chapters 8, 10 and 11.
 */
export const isCanonicalDer = (bytes: Uint8Array): boolean => {
  const der = Buffer.from(bytes)
  return valueEnd(der, 0, der.length) === der.length
}

const constructedBit = 0x20
const contextClass = 0x80
const classBits = 0xc0
const numberBits = 0x1f

/** Offset behind the value that begins at `start` and ends at `limit` at most. Undefined if the value is not canonical. */
const valueEnd = (der: Buffer, start: number, limit: number): number | undefined => {
  const tag = der[start]
  const content = contentOf(der, start + 1, limit)
  if (tag === undefined || content === undefined) return undefined
  const [from, to] = content
  const constructed = (tag & constructedBit) !== 0
  if ((tag & classBits) === contextClass) {
    // a tag number of more than one byte is in no request
    if ((tag & numberBits) === numberBits) return undefined
    return !constructed || elements(der, from, to) !== undefined ? to : undefined
  }
  if (constructed) return isConstructed(tag, der, from, to) ? to : undefined
  return primitives[tag]?.(der.subarray(from, to)) ? to : undefined
}

/**
 * Offsets at which the content begins and ends of a value whose length stands at `at`. Undefined if the length is not definite and shortest,
 * or the content passes `limit`.
 */
export const contentOf = (der: Buffer, at: number, limit: number): [from: number, to: number] | undefined => {
  const first = der[at]
  if (first === undefined || at >= limit) return undefined
  const more = first & 0x7f
  if (first < 0x80) return within(at + 1, first, limit)
  // indefinite, or longer than any request
  if (more === 0 || more > 2 || at + 1 + more > limit) return undefined
  const length = der.readUIntBE(at + 1, more)
  return length < 0x80 || (more === 2 && length < 0x100) ? undefined : within(at + 1 + more, length, limit)
}

const within = (from: number, length: number, limit: number): [number, number] | undefined =>
  from + length <= limit ? [from, from + length] : undefined

/** Tag of a SEQUENCE. */
export const sequence = 0x30
const setOf = 0x31

const isConstructed = (tag: number, der: Buffer, from: number, to: number): boolean => {
  const found = elements(der, from, to)
  if (tag === sequence) return found !== undefined
  return tag === setOf && found !== undefined && found.every((one, at) => at === 0 || order(found[at - 1], one) <= 0)
}

/**
 * Order of two encodings in a set. A shorter one counts as if zeros followed. No encoding is the beginning of another, so that
 * is how Buffers compare.
 */
const order = (one: Buffer | undefined, other: Buffer): number => (one === undefined ? 0 : Buffer.compare(one, other))

const elements = (der: Buffer, from: number, to: number): Buffer[] | undefined => {
  const found: Buffer[] = []
  for (let at = from; at < to; ) {
    const end = valueEnd(der, at, to)
    if (end === undefined) return undefined
    found.push(der.subarray(at, end))
    at = end
  }
  return found
}

const isInteger = (content: Buffer): boolean => {
  const [first, second] = content
  if (first === undefined) return false
  if (second === undefined) return true
  return !(first === 0x00 && second < 0x80) && !(first === 0xff && second >= 0x80)
}

/** True if the bits that are not used are zero. */
const isBitString = (content: Buffer): boolean => {
  const [unused] = content
  if (unused === undefined || unused > 7) return false
  const last = content.at(-1) ?? 0
  return content.length === 1 ? unused === 0 : (last & ((1 << unused) - 1)) === 0
}

/** True if no part begins with zeros and the last part ends. */
const isObjectIdentifier = (content: Buffer): boolean => {
  const last = content.at(-1)
  if (last === undefined || last >= 0x80) return false
  return content.every((byte, at) => byte !== 0x80 || (at > 0 && (content[at - 1] ?? 0) >= 0x80))
}

const isUtf8 = (content: Buffer): boolean => Buffer.from(content.toString('utf8'), 'utf8').equals(content)

const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/

const primitives: Readonly<Record<number, (content: Buffer) => boolean>> = {
  1: ([value, ...more]) => more.length === 0 && (value === 0x00 || value === 0xff),
  2: isInteger,
  3: isBitString,
  4: () => true,
  5: ({ length }) => length === 0,
  6: isObjectIdentifier,
  12: isUtf8,
  19: (content) => printable.test(content.toString('latin1')),
  22: (content) => content.every((byte) => byte < 0x80)
}
