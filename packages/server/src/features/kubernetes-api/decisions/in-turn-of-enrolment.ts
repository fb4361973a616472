import { DecisionSpec } from '@joinery/protocol/door'
import { Value } from 'typebox/value'
import type { SeenDecision } from '../../../core/ports/objects/decisions.ts'
import { inTurns, makerOf } from '../../../core/ports/objects/in-turns.ts'
import { isEnding } from './judge-decision.ts'

/**
 * Decisions that are judged at this look, by the enrolment that they name, each in the order in which they are judged. Users take
 * turns, each with what takes away and what is newest first, so that nobody's wait behind thousands of another's. Of one enrolment,
 * what takes away goes first: after an approval that was seen together with a rejection, the rejection would not fit any more. So an
 * approval takes with it the newest of each user that takes away. Otherwise the older one goes first.
 */
export const byEnrolment = (open: readonly SeenDecision[], most: number): SeenDecision[][] => {
  const newestFirst = open
    .map((decision) => ({ decision, ...readOf(decision) }))
    .sort((a, b) => a.rank - b.rank || b.made - a.made || (a.decision.uid < b.decision.uid ? 1 : -1))
  const turns = inTurns(newestFirst, ({ decision }) => makerOf(decision))
  const endings = Map.groupBy(newestEndings(turns), ({ enrolment }) => enrolment)
  const chosen = new Set<(typeof turns)[number]>()
  for (const one of turns.slice(0, most)) {
    const before = one.rank === 0 ? [] : (endings.get(one.enrolment) ?? [])
    // an approval that so many want to prevent waits for the next look
    if (chosen.size + before.length < 2 * most) for (const each of [...before, one]) chosen.add(each)
  }
  const inOrder = [...chosen].sort(
    (a, b) => a.rank - b.rank || a.made - b.made || (a.decision.uid < b.decision.uid ? -1 : 1)
  )
  const groups = Map.groupBy(inOrder, ({ enrolment }) => enrolment)
  return [...groups.values()].map((some) => some.map(({ decision }) => decision))
}

/** The newest Decision of each user about each enrolment that takes away. `turns` has them in turns. */
const newestEndings = <T extends Ranked & { decision: SeenDecision }>(turns: readonly T[]): T[] => {
  const seen = new Set<string>()
  return turns.filter(({ rank, enrolment, decision }) => {
    const key = `${enrolment} ${makerOf(decision)}`
    return rank === 0 && !seen.has(key) && seen.add(key)
  })
}

interface Ranked {
  rank: number
  enrolment: string
  /** Time at which it was made, in milliseconds. */
  made: number
}

const readOf = ({ spec, created }: SeenDecision): Ranked => ({ ...aboutOf(spec), made: created.getTime() })

const aboutOf = (spec: unknown): Pick<Ranked, 'rank' | 'enrolment'> =>
  Value.Check(DecisionSpec, spec)
    ? { rank: isEnding(spec.verdict) ? 0 : 1, enrolment: spec.enrolment }
    : { rank: 2, enrolment: '' }
