import type { Seen } from '../seen.ts'

/** Faults by which no host forgets the log: a crash, a restart, a Lease that somebody edits. */
const short: readonly string[] = ['killed', 'ended in good order', 'Lease deleted', 'Lease emptied', 'Lease stolen']

/** Milliseconds after which the other faults have no effect any more. */
const over = 240_000

/**
 * A server treats the log as an older copy only if it may be one, or if its host was away: a power cut and a rolling upgrade ask nothing
 * again. Times of several hosts are compared, so nothing is said of a history in which somebody set a clock.
 */
export const askedAgain = ({ takeOvers, faults, hands, restores }: Seen): string[] => {
  const first = Math.min(...[...hands, ...restores].map(({ at }) => at))
  if (faults.some(({ what }) => what === 'clock set' || what === 'frozen')) return []
  return takeOvers.flatMap(({ process, at, settled }) => {
    const isExcused = faults.some((fault) => fault.at < at && fault.at > at - over && !short.includes(fault.what))
    return settled === undefined || at > first || isExcused
      ? []
      : [`${process} asked everything again at ${at}: ${settled}`]
  })
}
