/** Shortest time from an answer to the next look, in milliseconds. A look at 100 machines costs the server 2 ms. */
export const usualInterval = 1000

/** A pause is so many times as long as the look before it. Thousands of machines, over any door, are looked at more rarely. */
const rests = 9

/** Milliseconds from an answer, which took `took`, to the next look. `interval`: the shortest such time. */
export const restAfter = (took: number, interval = usualInterval): number => Math.max(interval, rests * took)
