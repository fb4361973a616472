import { isForPeople, type Session } from '../../session/session.ts'
import { moment } from '../../terminal/times.ts'
import { type Column, columnTable, leastWidths } from '../columns.ts'
import { columnsOf, printDocument } from '../document.ts'
import { changesOf, type Watched, watch } from './watch.ts'

export interface WatchedList<T> extends Pick<Watched<readonly T[]>, 'look' | 'interval'> {
  columns: readonly Column<T>[]
  /** Tells an item from all others, also from a later one of the same name. */
  id(item: T): string
  /** The item's line of `-o name`. */
  name(item: T, all: readonly T[]): string
}

/** Prints a list, and then each item again when it has changed: a line of the table, or a document. */
export const watchItems = <T>(session: Session, { columns, id, name, ...list }: WatchedList<T>): Promise<void> => {
  const printing = itemPrinter(session, columns)
  const changes = changesOf(id)
  return watch(session, {
    ...list,
    show: (items) => {
      const changed = changes(items)
      if (changed.length > 0) printing(changed, (item) => name(item, items))
    }
  })
}

type ItemPrinter<T> = (changed: readonly T[], name: (item: T) => string) => void

/** Gives the function that prints items which are new or changed. */
export const itemPrinter = <T>(session: Session, columns: readonly Column<T>[]): ItemPrinter<T> => {
  const { terminal, format, customColumns } = session
  const streaming: Session = { ...session, streams: true }
  const timed = [timeColumn, ...columns]
  const widths = leastWidths(customColumns === undefined ? timed : [], session)
  let { headers } = session
  return (changed, name) => {
    if (customColumns === undefined && !isForPeople(format)) {
      for (const item of changed) printDocument(streaming, item, () => [name(item)])
      return
    }
    const shown = customColumns === undefined ? timed : columnsOf(customColumns)
    terminal.out(columnTable(shown, session, changed, headers, widths))
    headers = false
  }
}

/** Time at which a line is printed, without its day. */
const timeColumn: Column<unknown> = {
  header: 'TIME',
  cell: (_, now) => moment(now.toISOString()).slice('2026-11-25T'.length)
}
