import type { Decide } from '../../commit/enrolments.ts'

/** Wraps `decide` and remembers whether it decided anything: only a change is a reason to look at the cluster. */
export const deciding = (decide: Decide): { decide: Decide; readonly decided: boolean } => {
  let decided = false
  return {
    decide: (enrolment, now) => {
      const decision = decide(enrolment, now)
      decided = decision !== undefined
      return decision
    },
    get decided() {
      return decided
    }
  }
}
