import { type Enrolment, hasJoined, type RetryRequest } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import { type Asker, settling } from '../../enrolment/decision/decision.ts'
import { decideRetry } from '../../enrolment/verbs/approve.ts'
import { findEnrolment } from './find-enrolment.ts'
import { type GiveNameParts, giveName, requirePossible } from './give-name.ts'
import { readView } from './read-view.ts'

export interface RetryParts extends GiveNameParts {
  clock: Clock
}

/** Approves again what failed, and looks again at what expired. Throws what `approve` throws, and `already-enrolled`. */
export const retry =
  (parts: RetryParts) =>
  async (reference: string, shown: RetryRequest, asker: Asker = {}): Promise<Enrolment> => {
    const found = await findEnrolment(parts.store, reference)
    const newest = await parts.store.enrolmentByKey(found.key)
    const decide = settling(asker, (enrolment, now) => decideRetry(enrolment, shown, newest, now))
    // what is not possible anyway is said before the cluster is asked
    decide(found, parts.clock.now())
    // its way back: the name is its own already, and its Node is there
    if (hasJoined(found)) return readView(parts, await parts.enrolments.change(found.id, decide))
    await requirePossible(parts, found)
    return giveName(parts, found, decide)
  }
