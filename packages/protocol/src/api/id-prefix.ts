import { ProblemError } from './problem.ts'

/** Fewest characters of a short id. */
export const shortestId = 4

/** Number of candidates to look for: enough to tell that a short id is not unique, and to name some that it may mean. */
export const candidatesAtMost = 6

/** True if the text may be the beginning of an id: of an enrolment, or of a code. */
export const isIdPrefix = (text: string): boolean => /^[0-9a-f][0-9a-f-]{3,63}$/.test(text)

/**
 * The only one of `found` whose id begins with the short id, as git resolves one. Undefined if there is none. `found` may hold
 * others, too. Throws `ambiguous-id`, which names the candidates.
 */
export const meantByPrefix = <T extends { id: string }>(
  prefix: string,
  found: readonly T[],
  describe: (one: T) => string
): T | undefined => {
  const meant = isIdPrefix(prefix) ? found.filter(({ id }) => id.startsWith(prefix)) : []
  if (meant.length < 2) return meant[0]
  const candidates = meant.slice(0, candidatesAtMost - 1).map((one) => `${one.id} (${describe(one)})`)
  const more = meant.length > candidates.length ? ', ...' : ''
  throw new ProblemError('ambiguous-id', {
    detail: `several ids begin with ${prefix}: ${candidates.join(', ')}${more}`,
    remedy: 'give more characters of the id'
  })
}
