/** Order of the names of logs: by year, and by number within a year. */
export const inOrder = (one: string, other: string): number => {
  const [year, number] = partsOf(one)
  const [otherYear, otherNumber] = partsOf(other)
  return year - otherYear || number - otherNumber
}

/**
 * Name of the next log of a year: the year, with a number if there was a log of that year already. It is later than all names that are
 * known: a folder of another server may have the ones between.
 */
export const nextName = (known: readonly string[], year: number): string => {
  const numbers = known.map(partsOf).flatMap(([of, number]) => (of === year ? [number] : []))
  return numbers.length === 0 ? String(year) : `${year}-${Math.max(...numbers) + 1}`
}

const partsOf = (name: string): [year: number, number: number] => {
  const [year = 0, number = 1] = name.split('-').map(Number)
  return [year, number]
}
