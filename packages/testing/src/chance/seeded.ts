/** Numbers that follow from a seed alone. */
export interface Seeded {
  /** A number from 0 up to 1, which is not among them. */
  next(): number
  /** A whole number from `least` to `most`, both among them. */
  integer(least: number, most: number): number
  chance(probability: number): boolean
  pick<T>(some: readonly T[]): T
}

/** Mulberry32: small, fast, and good enough to choose by. No secret is made of it. */
export const seeded = (seed: number): Seeded => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (some) => some[integer(0, some.length - 1)] as never
  }
}

/** Another one for each part of a run, so that what one part draws changes nothing for the others. */
export const seededFor = (seed: number, part: number): Seeded => seeded(Math.imul(seed, 0x9e3779b1) ^ (part + 1))
