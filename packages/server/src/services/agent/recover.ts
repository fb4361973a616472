import { type OwnEnrolment, ProblemError, type RecoveryRequest } from '@joinery/protocol'
import type { Caller } from './sighting.ts'

/** Takes the ask of a machine for the way back. */
export const recover =
  () =>
  async (_: Caller, __: RecoveryRequest): Promise<OwnEnrolment> => {
    throw new ProblemError('recovery-refused')
  }
