interface Asked<T, R> extends PromiseWithResolvers<R> {
  item: T
}

/** Writes that are asked for in one turn of the event loop, and done together at its end. */
export interface Together<T, R> {
  add(item: T): Promise<R>
  /** Does now what was asked for so far. */
  flush(): void
}

/**
 * `write` does all of them and gives their results in order, or does none and throws. Where several cannot be done
 * together each is tried alone, so that none fails by another's fault.
 */
export const together = <T, R>(write: (items: readonly T[]) => R[]): Together<T, R> => {
  let asked: Asked<T, R>[] = []
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
    if (batch.length > 0) settle(batch)
  }
  return {
    add: (item) => {
      if (asked.length === 0) setImmediate(flush)
      const one = { item, ...Promise.withResolvers<R>() }
      asked.push(one)
      return one.promise
    },
    flush
  }
}
