import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../terminal/errors.ts'

/** Longest template, in characters. The cost of a look at one value grows with it. */
export const longestTemplate = 4096

/** Bounds of one template over one document. */
export interface Limits {
  /** Looks of one character of the template at one value. */
  steps: number
  /** Length of the result. */
  characters: number
}

/** A few seconds. Ten thousands of enrolments with all that is in them take a fifth of it. */
const usual: Limits = { steps: 10_000_000, characters: 2 ** 27 }

/** Bounds what one template costs over one document. Throws when that is used up. */
export interface Budget {
  spend(steps: number): void
  /** Counts characters of the result. */
  print(characters: number): void
}

export const fullBudget = ({ steps, characters }: Limits = usual): Budget => {
  let [left, room] = [steps, characters]
  const end = (what: string) =>
    new CommandEnd(
      exitCodes.failure,
      `the template ${what} too much for this document`,
      'ask for less, or take -o json'
    )
  return {
    spend: (count) => {
      left -= count
      if (left < 0) throw end('looks at')
    },
    print: (count) => {
      room -= count
      if (room < 0) throw end('prints')
    }
  }
}
