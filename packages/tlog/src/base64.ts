/** Bytes of a standard base64 text. Undefined if it is not exactly the text that these bytes are encoded to. */
export const bytesOfBase64 = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** Standard base64 of the bytes, as checkpoints have their root. */
export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
