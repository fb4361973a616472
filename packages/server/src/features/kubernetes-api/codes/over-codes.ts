import { day } from '@joinery/protocol'

/** Milliseconds for which a Code that is over stays in the cluster. */
export const keptFor = 7 * day

/** A Code that is over, and since when. */
export interface OverCode<Seen> {
  seen: Seen
  since: Date
}

/**
 * Codes that are deleted: those that have been over for seven days, and if the cluster has more than one look reads, the oldest
 * `excess` that are over.
 */
export const codesToDelete = <Seen>(
  over: readonly OverCode<Seen>[],
  { isComplete, excess, now }: { isComplete: boolean; excess: number; now: Date }
): Seen[] => {
  const oldest = over.toSorted((a, b) => a.since.getTime() - b.since.getTime())
  const least = isComplete ? 0 : excess
  return oldest
    .filter(({ since }, place) => place < least || now.getTime() - since.getTime() >= keptFor)
    .map(({ seen }) => seen)
}
