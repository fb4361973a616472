import type { Reachability, ReachabilityRequest } from '@joinery/protocol'
import type { DialBack } from '../../../features/dial-back/dial-back.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import { requireBeforeJoin } from '../../enrolment/facts/on-its-way.ts'
import type { Caller } from './sighting.ts'

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
