import { nameOf } from '../../../src/adapters/sqlite/mirror/parts.ts'
import type { SubjectEntry } from '../../../src/core/ports/store/timeline.ts'
import type { Commit, Seen } from '../seen.ts'

/** True if what was asked then, and answered then, is newer than a backup that was restored, or was under way meanwhile. */
export const isBeforeRestore = ({ restores }: Pick<Seen, 'restores'>, asked: number, told: number): boolean =>
  restores.some(({ at, to }) => asked <= at && told > to)

/** True if somebody was at a document with this name, which had the answer of then, and it was said. */
export const isTouched = ({ hands, words }: Pick<Seen, 'hands' | 'words'>, told: number, name: RegExp): boolean =>
  hands.some(({ at, document }) => name.test(document) && words.some((word) => word >= at && told <= word))

/** True if what was acknowledged about a code, an enrolment or another subject must be there at the end. */
export const mustBeKept = (seen: Seen, subject: string, { asked, told }: { asked: number; told: number }): boolean =>
  !isBeforeRestore(seen, asked, told) && !isTouched(seen, told, nameOfSubject(subject))

const nameOfSubject = (subject: string): RegExp => new RegExp(`^${nameOf(['subject', subject])}$`)

type Acknowledged = Commit & { told: number }

/** Commits that the store acknowledged, and that no restore took away. */
export const keptCommits = (seen: Seen): Acknowledged[] =>
  seen.commits.filter(
    (commit): commit is Acknowledged =>
      commit.isDone === true && commit.told !== undefined && !isBeforeRestore(seen, commit.asked, commit.told)
  )

/** Codes and enrolments that were acknowledged, each as it was then, and that must be there. */
export const keptDocuments = (seen: Seen) =>
  keptCommits(seen).flatMap((commit) =>
    documentsOf(commit)
      .filter(({ id }) => mustBeKept(seen, id, commit))
      .map((document) => ({ ...commit, document }))
  )

/** Number of each text. */
export const countsOf = (texts: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** Codes and enrolments that the commit writes, each as it is then. */
export const documentsOf = ({ change }: Commit) =>
  [...(change.codes ?? []), ...(change.enrolments ?? [])].map((document) => ({
    ...document,
    revision: document.revision + 1
  }))

/** Entries that the commit writes. */
export const entriesOf = ({ change }: Commit): readonly SubjectEntry[] => change.entries ?? []

/** One text for each value, whatever the order of its keys. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part
  )
