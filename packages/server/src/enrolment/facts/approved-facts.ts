import { type Facts, holding, type State } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/** An approval stands, or stood until the last attempt that it allows failed. */
const given: readonly State[] = [...holding, 'failed']

/**
 * Which machine it is that an approval was given to: what it says later makes it no other one. Where no approval stands, and of
 * a document of before this was kept, what it says now.
 */
export const approvedFacts = ({
  state,
  approved,
  facts
}: Pick<EnrolmentDocument, 'state' | 'approved' | 'facts'>): Facts =>
  approved !== undefined && given.includes(state) ? approved.facts : facts
