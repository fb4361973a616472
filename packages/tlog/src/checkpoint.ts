import type { KeyObject } from 'node:crypto'
import { base64Of, bytesOfBase64 } from './base64.ts'
import { emptyRoot, type Hash, hashSize, isSameHash } from './hash.ts'
import type { Verifier } from './key.ts'
import { signNote, verifyNote } from './note.ts'
import { problem } from './problem.ts'

/** Size and root of a log: what a checkpoint says of its leaves. */
export interface Head {
  size: number
  root: Hash
}

/** Text that a log signs, as it was read (c2sp.org/tlog-checkpoint). */
export interface Checkpoint extends Head {
  /** Identity of the log, which is also the name of its key. */
  origin: string
  /** Further lines, which nobody who reads only the log can check. */
  extensions: readonly string[]
}

/** The text of a checkpoint, which is then signed. */
export const checkpointText = ({ origin, size, root, extensions }: Checkpoint): string => {
  const text = `${[origin, String(size), base64Of(root), ...extensions].join('\n')}\n`
  // what is written is what is read: no newline in an origin, no empty line
  const read = readCheckpoint(text)
  if (read.origin !== origin || read.extensions.length !== extensions.length) throw malformed()
  return text
}

/** Reads the text of a checkpoint. Throws `checkpoint-malformed`. */
export const readCheckpoint = (text: string): Checkpoint => {
  const lines = text.split('\n')
  const [origin = '', count = '', encoded = '', ...extensions] = lines.slice(0, -1)
  const size = Number(count)
  const root = bytesOfBase64(encoded)
  if (lines.at(-1) !== '' || lines.length < 4 || lines.slice(0, -1).includes('')) throw malformed()
  if (!/^(?:0|[1-9]\d{0,15})$/.test(count) || !Number.isSafeInteger(size)) throw malformed()
  if (root?.length !== hashSize || (size === 0 && !isSameHash(root, emptyRoot))) throw malformed()
  return { origin, size, root, extensions }
}

/** Signs a checkpoint with the key of its log. */
export const signCheckpoint = (key: KeyObject, checkpoint: Checkpoint): string =>
  signNote(key, checkpoint.origin, checkpointText(checkpoint))

/**
 * The checkpoint in a note that this key has signed. It must be of the log that has the name of the key. Throws the problems of
 * `verifyNote`, `checkpoint-malformed`, or `other-origin`.
 */
export const openCheckpoint = (note: string | Uint8Array, verifier: Verifier): Checkpoint => {
  const checkpoint = readCheckpoint(verifyNote(note, [verifier]).text)
  if (checkpoint.origin !== verifier.name) {
    throw problem('other-origin', `the checkpoint is of ${checkpoint.origin}, and the key is that of ${verifier.name}`)
  }
  return checkpoint
}

const malformed = () =>
  problem(
    'checkpoint-malformed',
    'this is no checkpoint: a line each for origin, size and root, and none of them empty'
  )
