import { gunzipSync, gzipSync } from 'node:zlib'

/** Bytes that a text may have when it is unpacked. No honest one has an eighth of it. */
export const unpackedAtMost = 16 * 1024 * 1024

/** The text as base64 of gzip. */
export const packed = (text: string): string => gzipSync(text, { level: 3 }).toString('base64')

/**
 * The text that was packed. Undefined if it is not exactly what `packed` writes around a text: base64 that is cut or written in
 * another way, no gzip, text that is no UTF-8, or more bytes than `atMost`. A text that unpacks to gigabytes costs no more
 * than `atMost`.
 */
export const unpacked = (text: string, atMost = unpackedAtMost): string | undefined => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      gunzipSync(bytes, { maxOutputLength: atMost })
    )
  } catch {
    return undefined
  }
}
