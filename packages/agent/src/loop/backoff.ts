/** Longest pause that the agent grants. A longer request may be a mistake, or may not be from the server. */
const longestAsked = 5 * 60_000

/**
 * Milliseconds to wait before the next try after `failures` in a row: full jitter under a cap that doubles from 1 s
 * to 30 s. `random` is in [0, 1). If only a person can help, about a minute. The pause that the server `asked` for
 * comes on top: the server asked the other agents for the same, and they must not come back together.
 */
export const backoff = (failures: number, random: number, forPerson: boolean, asked: number): number =>
  Math.min(asked, longestAsked) + jitter(failures, random, forPerson)

const jitter = (failures: number, random: number, forPerson: boolean): number => {
  if (forPerson) return 45_000 + random * 30_000
  return random * Math.min(30_000, 1000 * 2 ** Math.min(failures, 5)) + 250
}
