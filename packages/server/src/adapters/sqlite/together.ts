interface Asked<T, R> extends PromiseWithResolvers<R> {
  item: T
}

/** Writes that are asked for at the same time, and done together. */
export interface Together<T, R> {
  add(item: T): Promise<R>
  /** Does the writes now that were asked for so far. */
  flush(): void
}

/**
 * Milliseconds to gather writes while many ask: a write costs a disk sync, however many changes it has. A single change
 * does not wait.
 */
const gathering = 4

/**
 * Gathers writes. `write` does all of them and returns their results in order, or does none and throws. It gets the
 * writes of one turn of the event loop or, as long as there is more than one, of `gathering`. If several writes cannot
 * be done together, each is tried alone, so that none fails by another's fault.
 */
export const together = <T, R>(write: (items: readonly T[]) => R[]): Together<T, R> => {
  let asked: Asked<T, R>[] = []
  let many = false
  const settle = (batch: readonly Asked<T, R>[]): void => {
    try {
      const results = write(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R)
    } catch (error) {
      if (batch.length > 1) for (const one of batch) settle([one])
      else batch[0]?.reject(error)
    }
  }
  const flush = (): void => {
    const batch = asked
    asked = []
    if (batch.length === 0) return
    many = batch.length > 1
    settle(batch)
  }
  return {
    add: (item) => {
      if (asked.length === 0) many ? setTimeout(flush, gathering) : setImmediate(flush)
      const one = { item, ...Promise.withResolvers<R>() }
      asked.push(one)
      return one.promise
    },
    flush
  }
}
