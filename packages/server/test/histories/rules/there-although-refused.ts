import type { Seen } from '../seen.ts'
import { countsOf, documentsOf, entriesOf, textOf } from './kept.ts'

/** What is there at the end was asked for, and was not refused. */
export const thereAlthoughRefused = ({ commits, end }: Seen): string[] => {
  if (end === undefined) return []
  const mayBe = commits.filter(({ told, isDone }) => told === undefined || isDone === true)
  const documents = new Set(mayBe.flatMap(documentsOf).map(textOf))
  const entries = countsOf(mayBe.flatMap(entriesOf).map(textOf))
  const leaves = countsOf(mayBe.flatMap(({ change }) => change.leaves ?? []))
  return [
    ...[...end.codes, ...end.enrolments].flatMap((document) =>
      documents.has(textOf(document)) ? [] : [`${document.id} of revision ${document.revision} is nobody's`]
    ),
    ...tooMany(end.entries.map(textOf), entries).map((entry) => `the entry ${entry} is nobody's`),
    ...tooMany(end.leaves, leaves).map((leaf) => `the leaf ${leaf} is nobody's`)
  ]
}

/** Texts that are there more often than they were asked for. */
const tooMany = (found: readonly string[], asked: ReadonlyMap<string, number>): string[] =>
  [...countsOf(found)].flatMap(([text, count]) => (count > (asked.get(text) ?? 0) ? [text] : []))
