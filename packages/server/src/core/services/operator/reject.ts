import type { Enrolment } from '@joinery/protocol'
import { type Asker, settling } from '../../enrolment/decision/decision.ts'
import { decideReject } from '../../enrolment/verbs/reject.ts'
import { changeAndSettle, type SettleParts } from './change-and-settle.ts'

/** Rejects an enrolment, with the reason that its machine is told. Throws `illegal-event`. */
export const reject =
  (parts: SettleParts) =>
  (reference: string, reason: string, asker: Asker = {}): Promise<Enrolment> =>
    changeAndSettle(
      parts,
      reference,
      settling(asker, (enrolment, now) => decideReject(enrolment, reason, now))
    )
