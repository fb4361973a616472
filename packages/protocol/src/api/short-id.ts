import { ProblemError } from './problem.ts'

/** Number of candidates to look for: enough to tell that a short id is not unique, and to name some that it may mean. */
export const candidatesAtMost = 6

/** True if the text may be the end or the beginning of an id: of an enrolment, or of a code. */
export const isShortId = (text: string): boolean => /^[0-9a-f][0-9a-f-]{3,63}$/.test(text)

/** True if the id ends or begins with the short one. */
export const fitsShortId = (short: string, id: string): boolean => id.endsWith(short) || id.startsWith(short)

/**
 * The only one of `found` that the short id fits. Undefined if there is none. `found` may hold others, too. Throws `ambiguous-id`, which
 * names the candidates.
 */
export const meantByShortId = <T extends { id: string }>(
  short: string,
  found: readonly T[],
  describe: (one: T) => string
): T | undefined => {
  const meant = isShortId(short) ? found.filter(({ id }) => fitsShortId(short, id)) : []
  if (meant.length < 2) return meant[0]
  const candidates = meant.slice(0, candidatesAtMost - 1).map((one) => `${one.id} (${describe(one)})`)
  const more = meant.length > candidates.length ? ', ...' : ''
  throw new ProblemError('ambiguous-id', {
    detail: `several ids end or begin with ${short}: ${candidates.join(', ')}${more}`,
    remedy: 'give more characters of the end of the id'
  })
}
