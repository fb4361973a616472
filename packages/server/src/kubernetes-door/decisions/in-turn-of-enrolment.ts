import { DecisionSpec } from '@joinery/protocol/door'
import { Value } from 'typebox/value'
import type { SeenDecision } from './decisions.ts'
import { isEnding } from './judge-decision.ts'

/**
 * Decisions by the enrolment that they name, each in the order in which they are judged. What takes away goes first: after an
 * approval that was seen together with a rejection, the rejection would not fit any more. Otherwise the older one goes first.
 */
export const byEnrolment = (open: readonly SeenDecision[], most: number): SeenDecision[][] => {
  const ranked = open.map((decision) => ({ decision, ...readOf(decision) }))
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      a.decision.created.getTime() - b.decision.created.getTime() ||
      (a.decision.uid < b.decision.uid ? -1 : 1)
  )
  const groups = Map.groupBy(ranked.slice(0, most), ({ enrolment }) => enrolment)
  return [...groups.values()].map((some) => some.map(({ decision }) => decision))
}

const readOf = ({ spec }: SeenDecision): { rank: number; enrolment: string } =>
  Value.Check(DecisionSpec, spec)
    ? { rank: isEnding(spec.verdict) ? 0 : 1, enrolment: spec.enrolment }
    : { rank: 2, enrolment: '' }
