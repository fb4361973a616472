import { isBeforeClaim } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/**
 * True if the machine is told which images the nodes of the cluster run: its code allows it, and the machine waits for its approval or
 * its claim. A frozen enrolment is told nothing, since one of its two keys is a stranger's.
 */
export const isToldImages = (enrolment: Pick<EnrolmentDocument, 'state' | 'prefetch'>): boolean =>
  enrolment.prefetch === true && isBeforeClaim(enrolment)
