import { inclusionProof, openCheckpoint, openLog, proofText, readVerifierKey, type Verifier } from '@joinery/tlog'
import { keyOfLog } from './audit-key.ts'
import { statedOrigin } from './kept-checkpoints.ts'
import type { SourceLog } from './log-source.ts'

/** First line of a proof (c2sp.org/tlog-proof). */
const begins = /^(?=c2sp\.org\/tlog-proof@v1$)/m

/** The proofs in a file: one after the other. */
export const splitProofs = (text: string): string[] => text.split(begins).filter((one) => one.trim() !== '')

/** Makes the proofs of leaves of one log, each with the leaf and the checkpoint: nothing else but the key verifies them. */
export const proofsOf = async (
  { read }: SourceLog,
  indexes: readonly number[],
  key: Verifier
): Promise<Map<number, string>> => {
  const note = Buffer.from((await read('checkpoint')) ?? '').toString()
  const text = keyOfLog(key, statedOrigin(note))
  const proofs = new Map<number, string>()
  if (text === undefined) return proofs
  const log = await openLog(read, openCheckpoint(note, readVerifierKey(text)))
  for (const index of indexes) {
    const proof = await inclusionProof(log, index)
    for await (const { leaf } of log.entries(index, index + 1)) {
      proofs.set(index, proofText({ index, proof, checkpoint: note, extra: leaf }))
    }
  }
  return proofs
}
