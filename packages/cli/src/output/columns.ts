import { type Cell, table } from '@joinery/protocol/text/table.ts'
import type { Session } from '../session.ts'
import { fold } from './fold.ts'

export interface Column<T> {
  header: string
  /** Shown by `-o wide` only. */
  wide?: true
  cell(item: T, now: Date): Cell
}

/** A line for each item. `widths` as in `table`. */
export const columnTable = <T>(
  columns: readonly Column<T>[],
  { terminal, format }: Session,
  items: readonly T[],
  headers: boolean,
  widths?: number[]
): string => {
  const shown = columns.filter(({ wide }) => format === 'wide' || wide === undefined)
  const now = terminal.now()
  const rows = items.map((item) => shown.map(({ cell }) => cell(item, now)))
  return fold(table(headers ? [shown.map(({ header }) => header), ...rows] : rows, terminal.colour, widths), terminal)
}
