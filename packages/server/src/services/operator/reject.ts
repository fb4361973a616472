import type { Enrolment } from '@joinery/protocol'
import { signed } from '../../enrolment/decision/decision.ts'
import { decideReject } from '../../enrolment/verbs/reject.ts'
import { changeAndSettle, type SettleParts } from './change-and-settle.ts'

/** Rejects an enrolment, with the reason that its machine is told. Throws `illegal-event`. */
export const reject =
  (parts: SettleParts) =>
  (reference: string, reason: string, by?: string): Promise<Enrolment> =>
    changeAndSettle(parts, reference, (enrolment, now) => signed(by, decideReject(enrolment, reason, now)))
