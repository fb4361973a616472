import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Things in a turn of the event loop. The document of an enrolment takes about 50 microseconds, and others wait
 * meanwhile.
 */
const inOneTurn = 250

/** Does `work` for all things, some of them in each turn of the event loop. Returns all results in order. */
export const inTurns = async <T, R>(
  things: readonly T[],
  work: (some: readonly T[]) => readonly R[] | Promise<readonly R[]>
): Promise<R[]> => {
  const results: R[] = []
  for (let first = 0; first < things.length; first += inOneTurn) {
    if (first > 0) await nextTurn()
    for (const result of await work(things.slice(first, first + inOneTurn))) results.push(result)
  }
  return results
}
