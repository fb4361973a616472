import { type ConsoleEvent, fits, type ListPage, type ListQuery, type SeenEnrolment } from '../../contract.ts'

/** The part of a list that the page has read. */
export interface Rows {
  items: readonly SeenEnrolment[]
  /** Number of enrolments that fit the filters, also those that are not read yet. */
  total: number
  /** Gives the next page. Absent if all are read. */
  continue?: string
  look: number
}

/** The part of an event that is about rows. */
export type Changed = Pick<Extract<ConsoleEvent, { type: 'changed' }>, 'look' | 'rows' | 'gone'>

const rank = ({ created, id }: SeenEnrolment): string => `${created} ${id}`

/** True if `one` stands before `other` in a list of that order. */
const isBefore = (one: SeenEnrolment, other: SeenEnrolment, { order = 'newest' }: ListQuery): boolean =>
  order === 'newest' ? rank(one) > rank(other) : rank(one) < rank(other)

/** The rows of a first page. */
export const rowsOf = ({ items, total, look, continue: next }: ListPage): Rows => ({
  items,
  total,
  look,
  ...(next === undefined ? {} : { continue: next })
})

/** The rows with one more page below. What stands above already stays as it is: an event may have brought something newer. */
export const withPage = (rows: Rows, { items, total, continue: next }: ListPage): Rows => {
  const known = new Set(rows.items.map(({ id }) => id))
  const { look } = rows
  return {
    items: [...rows.items, ...items.filter(({ id }) => !known.has(id))],
    total,
    look,
    ...(next === undefined ? {} : { continue: next })
  }
}

/**
 * The rows after an event. A row that did not change is the same object, so that nothing of it is drawn again. A row that no longer
 * fits the filters goes. A row that is new comes to its place, unless it belongs below the last one that was read.
 */
export const withChange = (rows: Rows, { look, rows: changed, gone }: Changed, query: ListQuery): Rows => {
  if (look < rows.look) return rows
  const fresh = new Map(changed.map((row) => [row.id, row]))
  const lost = new Set(gone)
  let { total } = rows
  const items: SeenEnrolment[] = []
  let touched = false
  for (const row of rows.items) {
    const now = fresh.get(row.id)
    fresh.delete(row.id)
    const stays = !lost.has(row.id) && (now === undefined || fits(now, query))
    if (stays) items.push(now ?? row)
    else total -= 1
    touched ||= !stays || now !== undefined
  }
  for (const row of fresh.values()) {
    if (!fits(row, query)) continue
    const last = items.at(-1)
    if (rows.continue !== undefined && (last === undefined || isBefore(last, row, query))) continue
    const place = items.findIndex((other) => isBefore(row, other, query))
    items.splice(place === -1 ? items.length : place, 0, row)
    total += 1
    touched = true
  }
  return touched ? { ...rows, items, total: Math.max(total, items.length), look } : rows
}

/** Events of one frame as one: the last row of each enrolment counts. */
export const together = (events: readonly Changed[]): Changed => {
  const rows = new Map<string, SeenEnrolment>()
  const gone = new Set<string>()
  for (const event of events) {
    for (const row of event.rows) {
      rows.set(row.id, row)
      gone.delete(row.id)
    }
    for (const id of event.gone) {
      gone.add(id)
      rows.delete(id)
    }
  }
  return { look: events.at(-1)?.look ?? 0, rows: [...rows.values()], gone: [...gone] }
}
