import { leafFieldsOf, readLeaf } from '@joinery/protocol'
import { nameOf } from '../../../src/store/sqlite/mirror/parts.ts'
import type { Seen } from '../seen.ts'
import { countsOf, textOf } from './kept.ts'

/**
 * Each entry has one leaf of the audit log, if its event has leaves, and each leaf has its entry. Whoever is at a document by hand may
 * take away the one without the other.
 */
export const leavesFit = ({ end, hands }: Seen): string[] => {
  if (end === undefined || hands.some(({ document }) => document.startsWith('leaves'))) return []
  const touched = new Set(hands.map(({ document }) => document))
  const isWhole = (subject: string): boolean => !touched.has(nameOf(['subject', subject]))
  const entries = countsOf(
    end.entries
      .filter(({ subject, entry }) => isWhole(subject) && leafFieldsOf(entry.event) !== undefined)
      .map(({ subject, entry: { at, event, actor, by = '' } }) => textOf([at, subject, event, actor, by]))
  )
  const leaves = countsOf(
    end.leaves
      .flatMap((text) => readLeaf(text) ?? [])
      .filter(({ subject }) => isWhole(subject))
      .map(({ time, subject, event, actor, by = '' }) => textOf([time, subject, event, actor, by]))
  )
  return [
    ...[...entries].flatMap(([entry, count]) =>
      count > (leaves.get(entry) ?? 0) ? [`the entry ${entry} has no leaf`] : []
    ),
    ...[...leaves].flatMap(([leaf, count]) =>
      count > (entries.get(leaf) ?? 0) ? [`the leaf ${leaf} has no entry, or is there twice`] : []
    )
  ]
}
