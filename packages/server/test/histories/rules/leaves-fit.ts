import { leafFieldsOf, readLeaf } from '@joinery/protocol'
import { nameOf } from '../../../src/adapters/sqlite/mirror/parts.ts'
import type { End, Seen } from '../seen.ts'
import { countsOf, entriesOf, isBeforeRestore, textOf } from './kept.ts'

/**
 * Each entry has one leaf of the audit log, if its event has leaves, and each leaf has its entry. Whoever is at a document by hand may
 * take away the one without the other. So does a restore under a server that writes a document still, if a person adopts what is there.
 */
export const leavesFit = (seen: Seen): string[] => {
  const { end, hands } = seen
  if (end === undefined || hands.some(({ document }) => document.startsWith('leaves'))) return []
  const touched = new Set(hands.map(({ document }) => document))
  const isWhole = (subject: string): boolean => !touched.has(nameOf(['subject', subject]))
  const entries = countsOf(
    end.entries
      .filter(({ subject, entry }) => isWhole(subject) && leafFieldsOf(entry.event) !== undefined)
      .map(leafOfEntry)
      .map(textOf)
  )
  const leaves = countsOf(
    end.leaves
      .flatMap((text) => readLeaf(text) ?? [])
      .filter(({ subject }) => isWhole(subject))
      .map(({ time, subject, event, actor, by = '' }) => textOf([time, subject, event, actor, by]))
  )
  const [lateEntries, lateLeaves] = lateOf(seen)
  return [
    ...[...entries].flatMap(([entry, count]) =>
      count > (leaves.get(entry) ?? 0) && !lateEntries.has(entry) ? [`the entry ${entry} has no leaf`] : []
    ),
    ...[...leaves].flatMap(([leaf, count]) =>
      count > (entries.get(leaf) ?? 0) && !lateLeaves.has(leaf)
        ? [`the leaf ${leaf} has no entry, or is there twice`]
        : []
    )
  ]
}

const leafOfEntry = ({ subject, entry: { at, event, actor, by = '' } }: End['entries'][number]) =>
  [at, subject, event, actor, by] as const

/**
 * Entries and leaves that a restore took away, and that came back with a document which a server wrote after it, before anybody said that
 * the log is not as a server left it.
 */
const lateOf = (seen: Seen): [entries: ReadonlySet<string>, leaves: ReadonlySet<string>] => {
  const late = seen.late.filter(({ at }) => seen.words.some((word) => word >= at)).map(({ document }) => document)
  const away = seen.commits
    .filter(({ asked, told }) => told !== undefined && isBeforeRestore(seen, asked, told))
    .flatMap(entriesOf)
  return [
    new Set(
      away
        .filter(({ subject }) => late.includes(nameOf(['subject', subject])))
        .map(leafOfEntry)
        .map(textOf)
    ),
    new Set(late.some((document) => document.startsWith('leaves')) ? away.map(leafOfEntry).map(textOf) : [])
  ]
}
