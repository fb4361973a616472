import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Placed } from '../../core/ports/store/list-page.ts'

/** Rows in a turn of the event loop. */
const inOneTurn = 250

/**
 * Reads on from a place, so many rows at a time, until fewer come. Others have their turn in between. `parse` makes the item of a row,
 * when it is asked for: whoever wants no more pays for no more.
 */
export async function* walk<Row extends { place?: unknown }, T>(
  after: number,
  read: (after: number, limit: number) => readonly Row[],
  parse: (row: Row) => T
): AsyncGenerator<Placed<T>> {
  let from = after
  for (;;) {
    const rows = read(from, inOneTurn)
    for (const row of rows) {
      from = Number(row.place)
      yield { place: from, item: parse(row) }
    }
    if (rows.length < inOneTurn) return
    await nextTurn()
  }
}
