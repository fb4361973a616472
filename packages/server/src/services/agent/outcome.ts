import type { FailureClass, OutcomeRequest, OwnEnrolment, Role } from '@joinery/protocol'
import type { Credentials } from '../../credentials/credentials.ts'
import { withAgent } from '../../enrolment/decision/evidence.ts'
import { decideAgentReady, decideFailed } from '../../enrolment/verbs/outcome.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { deciding } from './deciding.ts'
import type { ProgressParts } from './progress.ts'
import { type Caller, readOwnView } from './sighting.ts'

/** Hears of each outcome that was reported and noted. */
export interface OutcomeMeter {
  noted(said: { outcome: 'ready' | FailureClass; role: Role; version: string | undefined }): void
}

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
const isLate = ({ attempts }: EnrolmentDocument, request: OutcomeRequest): boolean =>
  request.outcome === 'failed' && attempts[request.attempt - 1]?.failedBy === 'server'
