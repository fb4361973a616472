import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { closeCode } from '../decision/conflict.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { requireNoNewer } from './newer.ts'

/**
 * Ends a freeze by naming the key that is right: the one that owns the code, or one of those that presented it later. `newest`:
 * the newest enrolment of that key. Throws if that one is newer than this enrolment.
 */
export const decideRelease = (
  enrolment: EnrolmentDocument,
  key: string,
  newest: EnrolmentDocument | undefined,
  now: Date
): Decision => {
  const { reason: _, ...released } = closeCode(moved(enrolment, 'release', now), now)
  const { key: former, sealKey: formerSealKey, ...join } = released.join
  const other = enrolment.conflict.seen.find((conflict) => conflict.key === key && key !== enrolment.key)
  if (key !== enrolment.key && other === undefined) {
    throw new ProblemError('not-found', {
      detail: 'no machine with this key presented the code',
      remedy: `the keys are in: joinery show ${enrolment.name}`
    })
  }
  requireNoNewer(newest !== undefined && newest.created > enrolment.created ? newest : undefined)
  const entries = [entry(now, 'operator', 'release', `the right key is ${key}`)]
  const judged = enrolment.conflict.seen.filter((conflict) => conflict !== other)
  if (other === undefined) return { enrolment: released, entries }
  const { address, facts, joinKey, sealKey, at } = other
  const formerOwner = {
    key: enrolment.key,
    address: enrolment.address,
    at: released.conflict.keySeen ?? enrolment.created,
    facts: enrolment.facts,
    ...given({ joinKey: former, sealKey: formerSealKey })
  }
  const owner = {
    key,
    address,
    facts,
    preflight: [],
    join: { ...join, ...given({ key: joinKey, sealKey }) },
    conflict: { ...released.conflict, keySeen: at, seen: [...judged, formerOwner] }
  }
  return { enrolment: { ...released, ...owner }, entries }
}
