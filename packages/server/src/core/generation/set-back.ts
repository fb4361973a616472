import type { TimelineEntry } from '@joinery/protocol'

/** Events by which the store says that it has forgotten something that the cluster knows. */
const events: readonly string[] = ['restore', 'older-store', 'new-store']

/** Time at which the store went back last, by its own timeline. Undefined if it never did. */
export const setBackAt = (timeline: readonly TimelineEntry[]): Date | undefined => {
  const times = timeline.filter(({ event }) => events.includes(event)).map(({ at, last = at }) => Date.parse(last))
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}
