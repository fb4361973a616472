import type { OwnEnrolment, ProgressRequest } from '@joinery/protocol'
import type { Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import { decideProgress } from '../../enrolment/verbs/outcome.ts'
import { deciding } from './deciding.ts'
import { type Caller, readOwnView } from './sighting.ts'

export interface ProgressParts {
  enrolments: Enrolments
  machines: UniqueMachines
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** Notes a stage of the join. */
export const progress =
  ({ enrolments, machines, nudge }: ProgressParts) =>
  async ({ key }: Caller, { attempt, stage }: ProgressRequest): Promise<OwnEnrolment> => {
    const told = deciding((current, now) => decideProgress(current, attempt, stage, now))
    const enrolment = await enrolments.changeOwn(key, told.decide)
    if (told.decided) nudge()
    return readOwnView(machines, enrolment)
  }
