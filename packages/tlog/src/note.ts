import { type KeyObject, sign, verify } from 'node:crypto'
import { base64Of, bytesOfBase64 } from './base64.ts'
import { isKeyName, keyId, requireKeyName, type Verifier } from './key.ts'
import { problem } from './problem.ts'

/** Bytes of a note at most. */
const noteAtMost = 256 * 1024

/** Signatures of a note at most. A reader must take 16 (c2sp.org/signed-note). */
const signaturesAtMost = 64

export interface VerifiedNote {
  /** Text that was signed, with its last newline. */
  text: string
  /** Names of the keys that signed it, each once. */
  signers: readonly string[]
}

/** Signs a text that ends in a newline (c2sp.org/signed-note, Ed25519). */
export const signNote = (key: KeyObject, name: string, text: string): string => {
  requireKeyName(name)
  if (!text.endsWith('\n') || !isNoteText(text)) {
    throw problem('note-malformed', 'a text that is signed ends in a newline, and has no other control character')
  }
  const signature = Buffer.concat([Buffer.from(keyId(name, key), 'hex'), sign(null, Buffer.from(text), key)])
  return `${text}\n${signaturePrefix}${name} ${base64Of(signature)}\n`
}

/**
 * The text of a note that at least one of these keys has signed. Signatures of other keys are passed over. Throws
 * `note-malformed`, `signature-wrong` if one of the keys did not make the signature that has its name and id, or `note-unsigned`.
 */
export const verifyNote = (note: string | Uint8Array, verifiers: readonly Verifier[]): VerifiedNote => {
  const { text, signatures } = readNote(textOf(note))
  const bytes = Buffer.from(text)
  const signers = new Set<string>()
  for (const { name, id, signature } of signatures) {
    for (const verifier of verifiers) {
      if (verifier.name !== name || verifier.id !== id) continue
      if (!verify(null, bytes, verifier.key, signature)) {
        throw problem('signature-wrong', `the signature of ${name} was not made with the key ${id}`)
      }
      signers.add(name)
    }
  }
  if (signers.size === 0) {
    const keys = verifiers.map(({ name, id }) => `${name}+${id}`).join(', ')
    throw problem('note-unsigned', `the note has no signature of ${keys}`)
  }
  return { text, signers: [...signers] }
}

interface Signature {
  name: string
  id: string
  signature: Uint8Array
}

const signaturePrefix = '\u2014 '

const readNote = (note: string): { text: string; signatures: Signature[] } => {
  // the last empty line parts text and signatures: a text may have empty lines itself
  const end = note.lastIndexOf('\n\n') + 1
  const text = note.slice(0, end)
  const lines = note.slice(end + 1).split('\n')
  if (text === '' || lines.pop() !== '' || lines.length === 0 || lines.length > signaturesAtMost) throw malformed()
  return { text, signatures: lines.map(readSignature) }
}

const readSignature = (line: string): Signature => {
  const [dash, name = '', encoded = '', ...more] = line.split(' ')
  const bytes = bytesOfBase64(encoded)
  // a key id, and at least one byte
  if (`${dash} ` !== signaturePrefix || more.length > 0 || !isKeyName(name) || !bytes || bytes.length < 5) {
    throw malformed()
  }
  return { name, id: Buffer.from(bytes.subarray(0, 4)).toString('hex'), signature: bytes.subarray(4) }
}

const textOf = (note: string | Uint8Array): string => {
  if (note.length > noteAtMost) throw problem('note-malformed', `a note has at most ${noteAtMost} bytes`)
  const text = typeof note === 'string' ? note : decode(note)
  if (!isNoteText(text)) throw malformed()
  return text
}

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed()
  }
}

/** True if a text is UTF-8, and has no ASCII control character but newlines. */
const isNoteText = (text: string): boolean => text.isWellFormed() && !/[^\n\P{Cc}\u007f-\u009f]/u.test(text)

const malformed = () =>
  problem('note-malformed', 'this is no signed note: a text, an empty line, and lines of signatures')
