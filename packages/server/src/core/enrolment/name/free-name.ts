import { numberedName, ProblemError } from '@joinery/protocol'

/** The name with the lowest number, from 1, that is not taken. */
export const freeName = (pattern: string, taken: ReadonlySet<string>): string => {
  for (let number = 1; ; number += 1) {
    const name = numberedName(pattern, number)
    if (!taken.has(name)) return name
  }
}

/**
 * Throws `name-in-use` if there is a `taker`. A name is the server's to give, and nobody gets it while a Node, a Pod or another
 * enrolment has it.
 */
export const requireFreeName = (name: string, taker: string | undefined, remedy = freeItFirst(name)): void => {
  if (taker !== undefined) throw new ProblemError('name-in-use', { detail: `${name} is in use: ${taker}`, remedy })
}

const freeItFirst = (name: string): string =>
  `free the name first, or reject this enrolment: joinery reject ${name} --reason ...`
