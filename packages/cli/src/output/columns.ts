import { type Cell, table } from '@joinery/host/text/table'
import type { Session } from '../session/session.ts'
import { fold } from './fold.ts'

export interface Column<T> {
  header: string
  /** Shown by `-o wide` only. */
  wide?: true
  /** Characters of the longest cell that it can have, if known: no later column moves when the cell changes. */
  longest?: number
  cell(item: T, now: Date): Cell
  /** Value by which a list is sorted, null if the item has none. The text of the cell if absent. */
  sorts?(item: T): string | number | null
}

/** Table with a line for each item. `widths` as in `table`. */
export const columnTable = <T>(
  columns: readonly Column<T>[],
  { terminal, format }: Pick<Session, 'terminal' | 'format'>,
  items: readonly T[],
  headers: boolean,
  widths?: number[]
): string => {
  const shown = shownOf(columns, format)
  const now = terminal.now()
  const rows = items.map((item) => shown.map(({ cell }) => cell(item, now)))
  return fold(table(headers ? [shown.map(({ header }) => header), ...rows] : rows, terminal.colour, widths), terminal)
}

/** The least widths of a table that is printed line by line. */
export const leastWidths = <T>(columns: readonly Column<T>[], { format }: Pick<Session, 'format'>): number[] =>
  shownOf(columns, format).map(({ longest = 0 }) => longest)

/** Length of the longest of some texts, for `longest`. */
export const longestOf = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length))

/** Length of the longest age, such as `7y364d`. */
export const longestAge = 6

/** Value that sorts items by their age, the newest first. */
export const byAge = (created: string): number => -Date.parse(created)

const shownOf = <T>(columns: readonly Column<T>[], format: Session['format']): readonly Column<T>[] =>
  columns.filter(({ wide }) => format === 'wide' || wide === undefined)
