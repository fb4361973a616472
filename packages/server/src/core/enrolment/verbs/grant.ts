import { awaitsClaim, conflictRemedy, type GrantRequest, grantLifetime, ProblemError } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'

/**
 * Root grants the keys of the cluster to a control plane that is approved: for this key and this seal key, until
 * `grantLifetime` from now. Granted again, the new one counts. Throws `illegal-event` and `revision-changed`.
 */
export const decideGrant = (enrolment: EnrolmentDocument, granted: GrantRequest, now: Date): Decision => {
  const { name, role, state, key } = enrolment
  const { sealKey } = enrolment.join
  if (role !== 'control-plane') {
    throw new ProblemError('illegal-event', { detail: `${name} joins as a ${role}, which gets no keys of the cluster` })
  }
  if (!awaitsClaim(enrolment)) {
    const remedy = conflictRemedy('approve', enrolment) ?? `joinery approve ${name}`
    throw new ProblemError('illegal-event', {
      detail: `grant is not possible: the enrolment of ${name} is ${state}`,
      remedy
    })
  }
  if (granted.key !== key || granted.sealKey !== sealKey) {
    throw new ProblemError('revision-changed', {
      detail: `the keys of the cluster were sealed to another key than ${name} has now`,
      remedy: `look again: joinery show ${name}`
    })
  }
  const until = new Date(now.getTime() + grantLifetime).toISOString()
  return {
    enrolment: { ...enrolment, join: { ...enrolment.join, grant: { sealed: granted.sealed, until } } },
    entries: [entry(now, 'operator', 'grant', `the keys of the cluster, sealed for key ${key}, until ${until}`)]
  }
}

/** Deletes a grant when its time is over. */
export const decideGrantOver = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  const { grant, ...join } = enrolment.join
  if (grant === undefined || now < new Date(grant.until)) return undefined
  return {
    enrolment: { ...enrolment, join },
    entries: [entry(now, 'server', 'grant-over', `it was good until ${grant.until}`)]
  }
}

/** Keys of the cluster that root sealed for a control plane. Undefined for a worker. Throws `not-granted`. */
export const sealedFor = ({ name, role, join: { grant } }: EnrolmentDocument): string | undefined => {
  if (role === 'worker') return undefined
  if (grant !== undefined) return grant.sealed
  throw new ProblemError('not-granted', {
    detail: `there is no grant for ${name}: a grant is good for ${grantLifetime / 60_000} minutes`,
    remedy: `as root on a control-plane host: sudo joinery grant ${name}`
  })
}
