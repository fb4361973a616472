import { base64Of, bytesOfBase64 } from './base64.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { type Hash, hashSize, leafHash } from './hash.ts'
import type { Verifier } from './key.ts'
import { problem } from './problem.ts'
import { verifyInclusion } from './proof.ts'

/** A proof that needs nothing beside it but the key of its log (c2sp.org/tlog-proof). */
export interface LogProof {
  index: number
  proof: readonly Hash[]
  /** Signed note. */
  checkpoint: string
  /** Bytes for the reader, such as the leaf. They are proven only if they hash to what is proven. */
  extra?: Uint8Array
}

const firstLine = 'c2sp.org/tlog-proof@v1'

/** Hashes of a proof at most: a log has fewer levels. */
const hashesAtMost = 64

/** Characters of a proof at most: a leaf of the largest size in base64, hashes, and a note. */
const textAtMost = 512 * 1024

export const proofText = ({ index, proof, checkpoint, extra }: LogProof): string =>
  [
    firstLine,
    ...(extra === undefined ? [] : [`extra ${base64Of(extra)}`]),
    `index ${index}`,
    ...proof.map(base64Of),
    '',
    checkpoint
  ].join('\n')

/** Reads the text of a proof. Throws `proof-malformed`. What it says is not proven yet. */
export const readProof = (text: string): LogProof => {
  const end = text.indexOf('\n\n')
  if (text.length > textAtMost || end < 0) throw malformed()
  const [first, ...lines] = text.slice(0, end).split('\n')
  const extra = lines[0]?.startsWith('extra ') ? bytesOf(lines.shift()?.slice('extra '.length)) : undefined
  const [, number] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? []
  const index = Number(number)
  if (first !== firstLine || !Number.isSafeInteger(index) || lines.length > hashesAtMost) throw malformed()
  const proof = lines.map(bytesOf)
  if (proof.some(({ length }) => length !== hashSize)) throw malformed()
  return { index, proof, checkpoint: text.slice(end + 2), ...(extra !== undefined && { extra }) }
}

/** Outcome of a proof that was taken: the checkpoint of the log, and the index of the leaf. */
export interface Proven extends Checkpoint {
  index: number
}

/**
 * The checkpoint under which a proof shows that the log has this leaf at the index of the proof. Throws `proof-malformed`,
 * `proof-wrong`, or the problems of `openCheckpoint`.
 */
export const verifyProof = (text: string, leaf: Uint8Array, verifier: Verifier): Proven => {
  const { index, proof, checkpoint: note } = readProof(text)
  const checkpoint = openCheckpoint(note, verifier)
  if (!verifyInclusion({ ...checkpoint, leaf: leafHash(leaf), index, proof })) {
    throw problem('proof-wrong', `the proof does not show that this is leaf ${index} of the log`)
  }
  return { ...checkpoint, index }
}

const bytesOf = (text: string | undefined): Uint8Array => {
  const bytes = text === undefined ? undefined : bytesOfBase64(text)
  if (bytes === undefined) throw malformed()
  return bytes
}

const malformed = () =>
  problem('proof-malformed', `this is no proof: it begins with ${firstLine}, and has an index, hashes and a checkpoint`)
