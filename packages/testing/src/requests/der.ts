/** Encodes one value in DER: its tag, the shortest form of its length, its content. */
export const value = (tag: number, ...content: Buffer[]): Buffer => {
  const bytes = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(bytes.length)]), bytes])
}

/** Encodes one value with a longer form of its length: `extra` bytes more than are needed. */
export const longValue = (tag: number, extra: number, ...content: Buffer[]): Buffer => {
  const bytes = Buffer.concat(content)
  const [first = 0, ...more] = lengthOf(bytes.length)
  const digits = first < 0x80 ? [first] : more
  const padded = [...Array<number>(extra).fill(0), ...digits]
  return Buffer.concat([Buffer.from([tag, 0x80 + padded.length, ...padded]), bytes])
}

/** Encodes one value in BER with an open length, which two zeros end. */
export const indefinite = (tag: number, ...content: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([tag, 0x80]), ...content, Buffer.from([0, 0])])

const lengthOf = (length: number): number[] => {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

export const sequence = (...parts: Buffer[]): Buffer => value(0x30, ...parts)
export const setOf = (...parts: Buffer[]): Buffer => value(0x31, ...parts)
export const octets = (...parts: Buffer[]): Buffer => value(0x04, ...parts)
export const bits = (bytes: Buffer, unused = 0): Buffer => value(0x03, Buffer.from([unused]), bytes)
export const integer = (...bytes: number[]): Buffer => value(0x02, Buffer.from(bytes))
export const context = (number: number, ...parts: Buffer[]): Buffer => value(0xa0 + number, ...parts)
export const utf8 = (text: string): Buffer => value(0x0c, Buffer.from(text, 'utf8'))
export const printable = (text: string): Buffer => value(0x13, Buffer.from(text, 'latin1'))

/** Encodes an object identifier such as `2.5.4.3`. */
export const objectIdentifier = (dotted: string): Buffer => {
  const [one = 0, two = 0, ...more] = dotted.split('.').map(Number)
  return value(0x06, Buffer.from([40 * one + two, ...more.flatMap(base128)]))
}

const base128 = (number: number): number[] => {
  const digits = [number & 0x7f]
  for (let left = number >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f))
  return digits
}
