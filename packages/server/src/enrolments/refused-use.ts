import type { ProblemError, TimelineEntry } from '@joinery/protocol'
import { entry } from './decision.ts'

/**
 * What the code's timeline says of a machine that came too late: an operator waits for it. Undefined where that key was
 * refused for this reason before: an agent asks about each minute, for ever.
 */
export const refusedUse = (
  timeline: readonly TimelineEntry[],
  refusal: ProblemError,
  { key, address }: { key: string; address: string },
  now: Date
): TimelineEntry | undefined => {
  const said = `${refusal.message}; presented by key ${key} from `
  if (timeline.some(({ event, detail }) => event === 'refused' && detail.startsWith(said))) return undefined
  return entry(now, 'agent', 'refused', said + address)
}
