import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Placed } from '../../core/ports/store/list-page.ts'

/** Documents in a turn of the event loop. */
const inOneTurn = 250

/** Reads on from a place, so many documents at a time, until fewer come. Others have their turn in between. */
export async function* walk<T>(
  after: number,
  read: (after: number, limit: number) => readonly Placed<T>[]
): AsyncGenerator<Placed<T>> {
  let from = after
  for (;;) {
    const some = read(from, inOneTurn)
    yield* some
    const last = some.at(-1)
    if (last === undefined || some.length < inOneTurn) return
    from = last.place
    await nextTurn()
  }
}
