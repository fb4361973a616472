/**
 * Milliseconds to wait before the next try after `failures` in a row: full jitter under a cap that doubles from 1 s to
 * 30 s. `random` is in [0, 1). Where only a person can help, about a minute.
 */
export const backoff = (failures: number, random: number, forPerson: boolean): number => {
  if (forPerson) return 45_000 + random * 30_000
  return random * Math.min(30_000, 1000 * 2 ** Math.min(failures, 5)) + 250
}
