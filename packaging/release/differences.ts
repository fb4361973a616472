import type { Sum } from '../evidence/sums.ts'

/** What differs between two builds, a line for each file. */
export const differences = (one: readonly Sum[], other: readonly Sum[]): string[] => {
  const [first, second] = [one, other].map((sums) => new Map(sums.map(({ name, sha256 }) => [name, sha256])))
  const names = [...new Set([...one, ...other].map(({ name }) => name))].sort()
  return names.flatMap((name) => {
    const [a, b] = [first?.get(name), second?.get(name)]
    if (a === b) return []
    return a === undefined || b === undefined ? [`${name} is in one alone`] : [`${name} is ${a}, and ${b} elsewhere`]
  })
}
