import type {
  FailureClass,
  ObservationRequest,
  OutcomeRequest,
  OwnEnrolment,
  ProgressRequest,
  Role
} from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { withAgent } from '../../enrolment/decision/evidence.ts'
import { decideAgentReady, decideFailed, decideProgress } from '../../enrolment/verbs/outcome.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Caller, readOwnView, requireOwnSealKey, type SeeParts, see } from './sighting.ts'

export type ObserveParts = SeeParts

/** Takes newer facts and preflight of the machine. */
export const observe =
  (parts: ObserveParts) =>
  async (caller: Caller, observation: ObservationRequest): Promise<OwnEnrolment> => {
    await requireOwnSealKey(observation, caller)
    return readOwnView(parts.machines, await see(parts, caller, { observation }))
  }

export interface ProgressParts {
  enrolments: Enrolments
  machines: UniqueMachines
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** Notes stages of the join. */
export const progress =
  ({ enrolments, machines, nudge }: ProgressParts) =>
  async ({ key }: Caller, request: ProgressRequest): Promise<OwnEnrolment> => {
    const told = deciding((current, now) => decideProgress(current, request, now))
    const enrolment = await enrolments.changeOwn(key, told.decide)
    if (told.decided) nudge()
    return readOwnView(machines, enrolment)
  }

/** Hears of each outcome that was reported and noted. */
export interface OutcomeMeter {
  noted(said: { outcome: 'ready' | FailureClass; role: Role; version: string | undefined }): void
}
export const OutcomeMeter = Symbol('OutcomeMeter') as InjectionToken<OutcomeMeter>

export interface OutcomeParts extends ProgressParts {
  credentials: Pick<Credentials, 'settleSoon'>
  outcomes?: OutcomeMeter
}

/** Notes how the attempt ended. Durable when it returns. Ready is confirmed by the reconciler, at the Kubernetes API. */
export const outcome =
  ({ enrolments, credentials, machines, nudge, outcomes }: OutcomeParts) =>
  async (caller: Caller, request: OutcomeRequest): Promise<OwnEnrolment> => {
    const { key, version } = caller
    const told = deciding((current, now) => {
      const decision =
        request.outcome === 'ready'
          ? decideAgentReady(current, request.certificate, now)
          : decideFailed(current, request, now)
      return decision && { ...decision, enrolment: withAgent(decision.enrolment, caller, now) }
    })
    const enrolment = await enrolments.changeOwn(key, told.decide)
    const outcome = request.outcome === 'ready' ? request.outcome : request.class
    if (told.decided && !isLate(enrolment, request)) outcomes?.noted({ outcome, role: enrolment.role, version })
    await credentials.settleSoon(enrolment)
    if (told.decided) nudge()
    return readOwnView(machines, enrolment)
  }

/** True if the server had ended the attempt before its agent reported the failure. */
const isLate = ({ join: { attempts } }: EnrolmentDocument, request: OutcomeRequest): boolean =>
  request.outcome === 'failed' && attempts[request.attempt - 1]?.failedBy === 'server'

/** Wraps `decide` and remembers whether it decided anything: only a change is a reason to look at the cluster. */
export const deciding = (decide: Decide): { decide: Decide; readonly decided: boolean } => {
  let decided = false
  return {
    decide: (enrolment, now) => {
      const decision = decide(enrolment, now)
      decided = decision !== undefined
      return decision
    },
    get decided() {
      return decided
    }
  }
}
