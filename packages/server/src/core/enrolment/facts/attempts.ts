import {
  commandGroup,
  controlPlaneCommandGroup,
  controlPlaneGroup,
  ownCsrPrefix,
  workerGroup
} from '@joinery/kube/names'
import {
  attemptLifetimes,
  type CredentialKind,
  hasJoined,
  hasOpenAttempt,
  isArriving,
  isBeforeClaim,
  isEndedByClock,
  isOnItsWay,
  isReconciled,
  isRecovering,
  ProblemError,
  type Role,
  silenceLimit,
  statesThat
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { cutAt } from '../../ports/cluster/bounded-text.ts'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/** The attempt that is open, if there is one. */
export const openAttempt = (enrolment: EnrolmentDocument): AttemptDocument | undefined => {
  const { recovery } = enrolment
  const { attempts } = enrolment.join
  if (isRecovering(enrolment)) return attempts.find(({ number }) => number === recovery?.attempt)
  return hasOpenAttempt(enrolment) ? attempts.at(-1) : undefined
}

export const noOpenAttempt = (): ProblemError =>
  new ProblemError('illegal-event', { detail: 'there is no open attempt' })

interface AttemptOptions {
  /** Lifetime in milliseconds. By default that of the role. */
  lifetime?: number
  /** Time by the cluster's clock. If absent, the time is not known, and our own is taken. */
  clusterNow?: Date | undefined
  /** Id of the master key that the token's secret follows from. Undefined for the first one. */
  masterKey?: string | undefined
}

/**
 * Makes the next attempt. `tokenId`: id of its token, if its credential is one. The name of a CSR follows from enrolment and
 * attempt.
 */
export const newAttempt = (
  enrolment: EnrolmentDocument,
  tokenId: string,
  now: Date,
  { lifetime = attemptLifetimes[enrolment.role], clusterNow = now, masterKey }: AttemptOptions = {}
): AttemptDocument => {
  const number = enrolment.join.attempts.length + 1
  return {
    number,
    ...(credentialOf(enrolment.terms) === 'certificate'
      ? { credentialCsr: `${ownCsrPrefix}${enrolment.id}-${number}` }
      : { tokenId, ...given({ masterKey }) }),
    claimed: now.toISOString(),
    deadline: new Date(now.getTime() + lifetime).toISOString(),
    expires: new Date(clusterNow.getTime() + lifetime).toISOString(),
    refusedCsrs: []
  }
}

/** Expiry of the attempt's credential, by the cluster's clock. */
export const expiryOf = ({ expires, deadline }: Pick<AttemptDocument, 'expires' | 'deadline'>): Date =>
  new Date(expires ?? deadline)

/** The enrolment with a part of the attempt of that number changed. */
export const withAttempt = (
  enrolment: EnrolmentDocument,
  number: number,
  part: Partial<AttemptDocument>
): EnrolmentDocument => ({
  ...enrolment,
  join: {
    ...enrolment.join,
    attempts: enrolment.join.attempts.map((attempt) => (attempt.number === number ? { ...attempt, ...part } : attempt))
  }
})

/** Attempts before a new one whose failure stays as it was told. Each approval allows one more. */
const wholeFailures = 2

/** The attempts before a new one, of which older ones keep only the beginning of their failure. The audit log and the timeline say more. */
export const shortOlder = (attempts: readonly AttemptDocument[]): AttemptDocument[] =>
  attempts.map((attempt, index) =>
    attempt.failure === undefined || index >= attempts.length - wholeFailures
      ? attempt
      : { ...attempt, failure: cutAt(attempt.failure, failureKept) }
  )

/** Bytes that are kept of the failure of an older attempt. */
const failureKept = 256

/** Attempts whose Secret, or CSR, must be gone and may still be there, or come. */
export const leftovers = (enrolment: EnrolmentDocument): AttemptDocument[] => {
  const open = openAttempt(enrolment)
  return enrolment.join.attempts.filter((attempt) => attempt !== open && !attempt.tokenDeleted && !attempt.csrDeleted)
}

/** Reason why an attempt failed, and in whose words: a machine may report anything. */
export const failureWords = ({ failure = '', failedBy }: Pick<AttemptDocument, 'failure' | 'failedBy'>): string =>
  failedBy === 'server' ? failure : `as the machine reports it: ${failure}`

/**
 * States that each pass checks for a lifetime, a deadline or the end of a grant. Pending enrolments, of which there may be
 * thousands, are read only when their time is over.
 */
export const endedByClock = statesThat((one) => isReconciled(one) && isEndedByClock(one))

/**
 * True between claim and Ready: the time to look often. A Node that stays not Ready is looked at when that changes, and each
 * minute.
 */
export const isAwaited = (enrolment: Pick<EnrolmentDocument, 'state' | 'since'>, now: Date): boolean =>
  isArriving(enrolment) && (!hasJoined(enrolment) || now.getTime() - Date.parse(enrolment.since) < silenceLimit)

/** Throws `not-found` if the enrolment has come to its end: its machine is told nothing more. */
export const requireOnItsWay = (enrolment: EnrolmentDocument): void => {
  if (isOnItsWay(enrolment)) return
  throw new ProblemError('not-found', { detail: `the enrolment is ${enrolment.state}` })
}

/** Throws `illegal-event` from the claim on, when the kubelet answers on the machine's ports, and `not-found` as above. */
export const requireBeforeJoin = (enrolment: EnrolmentDocument): void => {
  requireOnItsWay(enrolment)
  if (isBeforeClaim(enrolment)) return
  throw new ProblemError('illegal-event', { detail: `the machine is not dialled: the enrolment is ${enrolment.state}` })
}

/** Credential kind of a code or an enrolment. One that was stored before there were two kinds has a token. */
export const credentialOf = ({ credential = 'token' }: { credential?: CredentialKind }): CredentialKind => credential

const agentGroups: Record<Role, string> = { worker: workerGroup, 'control-plane': controlPlaneGroup }
const commandGroups: Record<Role, string> = { worker: commandGroup, 'control-plane': controlPlaneCommandGroup }

/** The group of the tokens of an enrolment. */
export const tokenGroupOf = ({ withoutAgent, role }: Pick<EnrolmentDocument, 'withoutAgent' | 'role'>): string =>
  (withoutAgent ? commandGroups : agentGroups)[role]
