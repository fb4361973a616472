/** Each seed that once found something, and what: `pnpm test:faults` begins with them. */
export const keptSeeds: readonly number[] = [
  // `show` gave a state of before an expiry, and the timeline of after it
  3004
]
