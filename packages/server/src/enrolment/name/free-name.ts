import { numberedName } from '@joinery/protocol'

/** The name with the lowest number, from 1, that is not taken. */
export const freeName = (pattern: string, taken: ReadonlySet<string>): string => {
  for (let number = 1; ; number += 1) {
    const name = numberedName(pattern, number)
    if (!taken.has(name)) return name
  }
}
