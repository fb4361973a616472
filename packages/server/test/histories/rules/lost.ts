import type { Seen } from '../seen.ts'
import { countsOf, entriesOf, isTouched, keptCommits, keptDocuments, mustBeKept, textOf } from './kept.ts'

/** What was acknowledged is there at the end: each document as new as that or newer, each entry, and each leaf. */
export const lost = (seen: Seen): string[] => {
  const { end } = seen
  if (end === undefined) return []
  const found = new Map([...end.codes, ...end.enrolments].map((document) => [document.id, document]))
  const kept = keptCommits(seen)
  const entries = kept.flatMap((commit) => entriesOf(commit).filter(({ subject }) => mustBeKept(seen, subject, commit)))
  const leaves = kept
    .filter(({ told }) => !isTouched(seen, told, /^leaves/))
    .flatMap(({ change }) => change.leaves ?? [])
  return [
    ...keptDocuments(seen).flatMap(({ document, told, process }) => {
      const last = found.get(document.id)
      const what = `${document.id} of revision ${document.revision}, told at ${told} by ${process}`
      if (last === undefined) return [`${what}, is gone`]
      if (last.revision < document.revision) return [`${what}, is of revision ${last.revision}`]
      return last.revision === document.revision && textOf(last) !== textOf(document) ? [`${what}, is another one`] : []
    }),
    ...missing(entries.map(textOf), end.entries.map(textOf)).map((entry) => `the entry ${entry}`),
    ...missing(leaves, end.leaves).map((leaf) => `the leaf ${leaf}`),
    ...kept.flatMap(({ told, change: { generation = 0 } }) =>
      generation > end.generation && !isTouched(seen, told, /^store$/)
        ? [`generation ${generation}, it is ${end.generation}`]
        : []
    )
  ]
}

/** Texts that are there less often than they were told. */
const missing = (told: readonly string[], found: readonly string[]): string[] => {
  const there = countsOf(found)
  return [...countsOf(told)].flatMap(([text, count]) => (count > (there.get(text) ?? 0) ? [text] : []))
}
