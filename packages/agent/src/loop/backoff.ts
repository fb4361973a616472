/** Whoever asks for more may be wrong, or not the server. */
const longestAsked = 5 * 60_000

/**
 * Milliseconds to wait before the next try after `failures` in a row: full jitter under a cap that doubles from 1 s to
 * 30 s. `random` is in [0, 1). Where only a person can help, about a minute. What the server `asked` for comes before
 * that: it asked the others for the same, and they shall not come back together.
 */
export const backoff = (failures: number, random: number, forPerson: boolean, asked: number): number =>
  Math.min(asked, longestAsked) + jitter(failures, random, forPerson)

const jitter = (failures: number, random: number, forPerson: boolean): number => {
  if (forPerson) return 45_000 + random * 30_000
  return random * Math.min(30_000, 1000 * 2 ** Math.min(failures, 5)) + 250
}
