import { setImmediate as nextTurn } from 'node:timers/promises'

/** Something that waits for its result. */
export interface Asked<T, R> extends PromiseWithResolvers<R> {
  item: T
}

/** Batches, of which one is under way. */
export interface Batches<T, R> {
  add(item: T): Promise<R>
  /** Resolves once nothing is under way any more. Undefined if nothing is. */
  flight(): Promise<void> | undefined
}

/** Result of a batch: everything that is left for the next one, and the answers, which are given at the very end. */
export interface Landed<T, R> {
  left: readonly Asked<T, R>[]
  answer(): void
}

/**
 * Gathers what is asked for while a batch is under way: it is the next one. A batch begins at the end of a turn of the event loop, so
 * that one turn has one.
 */
export const oneAtATime = <T, R>(fly: (batch: readonly Asked<T, R>[]) => Promise<Landed<T, R>>): Batches<T, R> => {
  let asked: Asked<T, R>[] = []
  let flight: Promise<void> | undefined
  const takeOff = async (): Promise<void> => {
    for (;;) {
      await nextTurn()
      const batch = asked
      asked = []
      const { left, answer } = await fly(batch)
      asked = [...left, ...asked]
      const isLast = asked.length === 0
      // before anybody has an answer: who has the last one finds nothing under way
      if (isLast) flight = undefined
      answer()
      if (isLast) return
    }
  }
  return {
    add: (item) => {
      const one = { item, ...Promise.withResolvers<R>() }
      asked.push(one)
      flight ??= takeOff()
      return one.promise
    },
    flight: () => flight
  }
}
