import type { Enrolment } from '@joinery/protocol'
import { type Asker, settling } from '../../enrolment/decision/decision.ts'
import { decideRelease } from '../../enrolment/verbs/release.ts'
import { changeAndSettle, type SettleParts } from './change-and-settle.ts'

/** Ends a freeze, by the key that is right. Throws `illegal-event`, `not-found` and `already-enrolled`. */
export const release =
  (parts: SettleParts) =>
  async (reference: string, key: string, asker: Asker = {}): Promise<Enrolment> => {
    const newest = await parts.store.enrolmentByKey(key)
    return changeAndSettle(
      parts,
      reference,
      settling(asker, (enrolment, now) => decideRelease(enrolment, key, newest, now))
    )
  }
