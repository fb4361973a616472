import type { Enrolment } from '@joinery/protocol'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { findEnrolment } from './find-enrolment.ts'
import { readView, type ViewParts } from './read-view.ts'

export interface SettleParts extends ViewParts {
  enrolments: Pick<Enrolments, 'change'>
  credentials: Pick<Credentials, 'settleSoon'>
}

/** Commits what is decided of the enrolment, and settles what it may no longer have. */
export const changeAndSettle = async (parts: SettleParts, reference: string, decide: Decide): Promise<Enrolment> => {
  const { id } = await findEnrolment(parts.store, reference)
  const enrolment = await parts.enrolments.change(id, decide)
  await parts.credentials.settleSoon(enrolment)
  return readView(parts, enrolment)
}
