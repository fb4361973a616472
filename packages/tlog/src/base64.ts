/** Bytes of a standard base64 text. Undefined if it is not exactly the text that these bytes are encoded to. */
export const bytesOfBase64 = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
