/** Each seed that once found something, and what: `pnpm test:faults` begins with them. */
export const keptSeeds: readonly number[] = []
