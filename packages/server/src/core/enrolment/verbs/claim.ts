import { type Check, escapeText, type PreflightPolicy, ProblemError } from '@joinery/protocol'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { boundedPreflight } from '../decision/bounded-evidence.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { newAttempt, openAttempt, shortOlder } from '../facts/attempts.ts'
import { uniqueMachine } from '../unique/judge-unique.ts'
import { sealedFor } from './grant.ts'

/**
 * Throws `machine-not-unique` if the check fails. A machine that shares its identity with another one gets no credential,
 * unless its code ignores that.
 */
export const requireUnique = (check: Check | undefined): void => {
  if (check?.verdict !== 'fail') return
  const { finding: detail, remedy = [] } = check
  throw new ProblemError('machine-not-unique', { detail, remedy: remedy.join('; ') })
}

/**
 * Throws `preflight-failed` if a check of the machine fails. Such a machine gets no credential, unless its code ignores the
 * check. The machine reports as a warning what it ignores itself.
 */
export const requirePreflight = (preflight: readonly Check[], policy: PreflightPolicy | undefined): void => {
  // a machine has no word about its uniqueness
  const ignored = [uniqueMachine, ...(policy?.ignore ?? [])]
  const failing = preflight.filter(({ name, verdict }) => verdict === 'fail' && !ignored.includes(name))
  if (failing.length === 0) return
  const found = failing.map(({ name, finding }) => `${name} (${finding})`).join(', ')
  throw new ProblemError('preflight-failed', {
    detail: `preflight fails: ${escapeText(found.slice(0, 1024)).slice(0, 1024)}`,
    remedy: 'to see what to do, on the machine: joinery-agent preflight'
  })
}

/**
 * Opens an attempt, or gives the open one again: a claim that is repeated gets the same answer. `preflight`: what the machine
 * found just now. Without it, its last report counts. `masterKey`: id of the key for the token's secret. `clusterNow`: by the cluster's clock. `joinsAtMost`: bound of the machines
 * that join at once. A control plane joins alone and only by a grant, and waits for no such place. Throws `preflight-failed` and
 * `not-granted`. A claim that is refused leaves no trace, however often it comes.
 */
export const decideClaim = (
  enrolment: EnrolmentDocument,
  {
    tokenId,
    masterKey,
    preflight = enrolment.preflight,
    clusterNow,
    joinsAtMost
  }: {
    tokenId: string
    masterKey?: string | undefined
    preflight?: Check[] | undefined
    clusterNow?: Date | undefined
    joinsAtMost?: number | undefined
  },
  now: Date
): Decision | undefined => {
  const joining = moved(enrolment, 'claim', now)
  sealedFor(enrolment)
  if (openAttempt(enrolment) !== undefined) return undefined
  requirePreflight(preflight, enrolment.terms.policy)
  // of an attempt before: its name was banned, somebody else could be its node, and the certificate that its agent held is
  // not the one to come
  const { nameBanned: _, untrusted: __, ...certificates } = joining.certificates
  const { agentReady: ___, ...join } = joining.join
  const attempt = newAttempt(enrolment, tokenId, now, { clusterNow, masterKey })
  return {
    enrolment: {
      ...joining,
      preflight: boundedPreflight(preflight),
      certificates,
      join: { ...join, attempts: [...shortOlder(enrolment.join.attempts), attempt] }
    },
    entries: [entry(now, 'agent', 'claim', describeAttempt(attempt))],
    ...(enrolment.role === 'control-plane'
      ? { alone: now }
      : joinsAtMost !== undefined && { joinsAtMost: { at: now, machines: joinsAtMost } })
  }
}

const describeAttempt = ({ number, tokenId, credentialCsr, deadline }: AttemptDocument): string =>
  `attempt ${number}, ${tokenId === undefined ? `CSR ${credentialCsr}` : `token ${tokenId}`}, until ${deadline}`
