import type { SeenDecision } from '../../../core/ports/objects/decisions.ts'
import { inTurns, makerOf } from '../../../core/ports/objects/in-turns.ts'
import { longestLife } from './judge-decision.ts'

/**
 * Decisions that are deleted: those that are too old to do anything, and of the settled ones all but `kept`. Users take turns with
 * their newest, so that nobody floods away what others still read. An open one that may still do something stays.
 */
export const overDecisions = (listed: readonly SeenDecision[], kept: number, now: Date): SeenDecision[] => {
  const isOld = ({ created }: SeenDecision) => now.getTime() - created.getTime() > longestLife
  const settled = listed.filter((one) => one.isSettled && !isOld(one))
  settled.sort((a, b) => b.created.getTime() - a.created.getTime())
  return [...listed.filter(isOld), ...inTurns(settled, makerOf).slice(kept)]
}
