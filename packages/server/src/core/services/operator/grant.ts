import type { Enrolment, GrantRequest } from '@joinery/protocol'
import type { Enrolments } from '../../commit/enrolments.ts'
import { type Asker, signed } from '../../enrolment/decision/decision.ts'
import { decideGrant } from '../../enrolment/verbs/grant.ts'
import { findEnrolment } from './find-enrolment.ts'
import { readView, type ViewParts } from './read-view.ts'

export interface GrantParts extends ViewParts {
  enrolments: Pick<Enrolments, 'change'>
}

/** Keeps what root sealed for a control plane. Throws `illegal-event` and `revision-changed`. */
export const grant =
  (parts: GrantParts) =>
  async (reference: string, granted: GrantRequest, asker: Asker = {}): Promise<Enrolment> => {
    const { id } = await findEnrolment(parts.store, reference)
    const granting = await parts.enrolments.change(id, (enrolment, now) =>
      signed(asker, decideGrant(enrolment, granted, now))
    )
    return readView(parts, granting)
  }
