/** Just enough of the protobuf wire format for the CRI's small messages. */

/** A message: field number to its values in order. Length-delimited fields have bytes, varints have numbers. */
export type Message = Map<number, (number | Uint8Array)[]>

/**
 * Reads a message. Throws RangeError if the bytes are no message. Varints beyond 2^53 lose precision; none of ours
 * gets there.
 */
export const decode = (bytes: Uint8Array): Message => {
  const message: Message = new Map()
  let offset = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = take(1)[0] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) throw new RangeError('protobuf message is cut off')
    offset += length
    return bytes.subarray(offset - length, offset)
  }
  while (offset < bytes.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const value = wireValue(tag % 8, varint, take)
    message.set(field, [...(message.get(field) ?? []), value])
  }
  return message
}

/** A message with one length-delimited field, which holds a string or a message. */
export const encode = (field: number, value: string | Uint8Array): Uint8Array => {
  const bytes = Buffer.from(value)
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([field * 8 + 2, ...length]), bytes])
}

const wireValue = (type: number, varint: () => number, take: (length: number) => Uint8Array): number | Uint8Array => {
  if (type === 0) return varint()
  if (type === 1) return take(8)
  if (type === 2) return take(varint())
  if (type === 5) return take(4)
  throw new RangeError(`protobuf wire type ${type}`)
}

/** The string in a field. If the field is absent, proto3's default, which is empty. */
export const text = (message: Message, field: number): string => {
  const value = message.get(field)?.at(-1)
  return value instanceof Uint8Array ? Buffer.from(value).toString() : ''
}

/** The number, enum or boolean in a field. If the field is absent, proto3's default, which is 0. */
export const integer = (message: Message, field: number): number => {
  const value = message.get(field)?.at(-1)
  return typeof value === 'number' ? value : 0
}

/** The messages in a field, repeated or not. */
export const messages = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).filter((value) => value instanceof Uint8Array).map(decode)
