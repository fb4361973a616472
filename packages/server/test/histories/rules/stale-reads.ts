import type { Seen } from '../seen.ts'
import { keptDocuments } from './kept.ts'

/** The active server reads what was acknowledged before anybody asked it. */
export const staleReads = (seen: Seen): string[] => {
  const kept = keptDocuments(seen)
  return seen.reads.flatMap(({ process, asked, revisions }) =>
    kept
      .filter(({ told, document: { id, revision } }) => told < asked && (revisions.get(id) ?? 0) < revision)
      .map(({ document: { id, revision } }) => `${process} read ${id} at ${asked} without revision ${revision}`)
  )
}
