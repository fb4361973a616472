import type { SeenEnrolment, Shown } from '../../contract.ts'
import { isOutdated } from './changed.ts'

/** Each selected row as it was on the screen when it was selected. */
export type Selection = ReadonlyMap<string, SeenEnrolment>

/** The decision that a row, as it was seen, may carry. */
export const shownOf = ({ id, revision, key }: SeenEnrolment): Shown => ({ id, revision, key })

/**
 * The selection that a link names, for the rows that are there. A row that was selected before keeps the look that it was selected
 * with. The others are taken as they are on the screen now.
 */
export const selectionOf = (
  chosen: readonly string[],
  rows: readonly SeenEnrolment[],
  before: Selection
): Map<string, SeenEnrolment> => {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return new Map(
    chosen.flatMap((id): [string, SeenEnrolment][] => {
      const row = byId.get(id)
      return row === undefined ? [] : [[id, before.get(id) ?? row]]
    })
  )
}

/** The selected enrolments by what may be done with them at once. */
export interface Sorted {
  /** Unchanged since they were selected. */
  same: SeenEnrolment[]
  /** Selected as `seen`, and other by now: each needs a new look. */
  changed: { seen: SeenEnrolment; now: SeenEnrolment }[]
}

/** Sorts a selection into what is as it was on the screen, and what has changed since. */
export const sorted = (selection: Selection, rows: readonly SeenEnrolment[]): Sorted => {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const result: Sorted = { same: [], changed: [] }
  for (const [id, seen] of selection) {
    const now = byId.get(id)
    if (now === undefined) continue
    if (isOutdated(seen, now)) result.changed.push({ seen, now })
    else result.same.push(now)
  }
  return result
}

/** The ids after a row was selected, or was not any more. With `to`, all rows between the last one and this one are. */
export const toggled = (
  chosen: readonly string[],
  id: string,
  rows: readonly Pick<SeenEnrolment, 'id'>[],
  from?: string
): string[] => {
  const [one, other] = [from, id].map((which) => rows.findIndex((row) => row.id === which))
  if (from === undefined || one === undefined || other === undefined || one < 0 || other < 0)
    return chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]
  const range = rows.slice(Math.min(one, other), Math.max(one, other) + 1).map((row) => row.id)
  return [...new Set([...chosen, ...range])]
}
