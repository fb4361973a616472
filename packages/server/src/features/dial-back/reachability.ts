import type { Reachability, ReachabilityRequest } from '@joinery/protocol'
import type { Enrolments } from '../../core/commit/enrolments.ts'
import { requireBeforeJoin } from '../../core/enrolment/facts/attempts.ts'
import type { Caller } from '../../core/services/agent/sighting.ts'
import type { DialBack } from './dial-back.ts'

export interface ReachabilityParts {
  enrolments: Enrolments
  dialBack: DialBack
}

/** Looks whether the ports that the control plane will need can be reached, before the machine joins. */
export const reachability =
  ({ enrolments, dialBack }: ReachabilityParts) =>
  async ({ key, address }: Caller, request: ReachabilityRequest): Promise<Reachability> => {
    const enrolment = await enrolments.own(key)
    requireBeforeJoin(enrolment)
    return dialBack.reach(enrolment, address, request)
  }
