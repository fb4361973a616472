import type { SubjectEntry } from '../../../src/core/ports/store/timeline.ts'
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
    ...missingEntries(entries, end.entries).map((entry) => `the entry ${entry}`),
    ...missing(leaves, end.leaves).map((leaf) => `the leaf ${leaf}`),
    ...kept.flatMap(({ told, change: { generation = 0 } }) =>
      generation > end.generation && !isTouched(seen, told, /^store$/)
        ? [`generation ${generation}, it is ${end.generation}`]
        : []
    )
  ]
}

/**
 * Entries that were told, and for which no entry stands at the end. A counted entry takes the place of the first entry of its series,
 * which has no count. It stands for each counted entry of the series that does not count further.
 */
const missingEntries = (told: readonly SubjectEntry[], found: readonly SubjectEntry[]): string[] => {
  const foundOf = Map.groupBy(found, seriesOf)
  return [...Map.groupBy(told, seriesOf)].flatMap(([series, some]) => {
    const there = foundOf.get(series) ?? []
    const counts = there.flatMap(({ entry }) => entry.count ?? [])
    const first = some.filter(({ entry }) => entry.count === undefined)
    const counted = some.filter(({ entry: { count } }) => count !== undefined && count > Math.max(...counts))
    return [...missing(first.map(textOf), there.map(textOf)).slice(counts.length), ...counted.map(textOf)]
  })
}

/** Series of an entry: a counted entry takes the place of one of the same series. A code has a series for each reason. */
const seriesOf = ({ subject, entry: { at, actor, event, detail } }: SubjectEntry): string => {
  const [reason, who] = detail.split('; presented by key ')
  return textOf([subject, actor, event, at, who === undefined ? '' : reason])
}

/** Texts that are there less often than they were told, each as often as it is missing. */
const missing = (told: readonly string[], found: readonly string[]): string[] => {
  const there = countsOf(found)
  return [...countsOf(told)].flatMap(([text, count]) =>
    Array.from({ length: Math.max(0, count - (there.get(text) ?? 0)) }, () => text)
  )
}
