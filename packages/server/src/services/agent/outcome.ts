import type { OutcomeRequest, OwnEnrolment } from '@joinery/protocol'
import type { Credentials } from '../../credentials/credentials.ts'
import { decideAgentReady, decideFailed } from '../../enrolment/verbs/outcome.ts'
import { deciding } from './deciding.ts'
import type { ProgressParts } from './progress.ts'
import { type Caller, readOwnView } from './sighting.ts'

export interface OutcomeParts extends ProgressParts {
  credentials: Pick<Credentials, 'settleSoon'>
}

/** Notes how the attempt ended. Durable when it returns. Ready is confirmed by the reconciler, at the Kubernetes API. */
export const outcome =
  ({ enrolments, credentials, machines, nudge }: OutcomeParts) =>
  async ({ key }: Caller, request: OutcomeRequest): Promise<OwnEnrolment> => {
    const told = deciding((current, now) =>
      request.outcome === 'ready'
        ? decideAgentReady(current, request.certificate, now)
        : decideFailed(current, request, now)
    )
    const enrolment = await enrolments.changeOwn(key, told.decide)
    await credentials.settleSoon(enrolment)
    if (told.decided) nudge()
    return readOwnView(machines, enrolment)
  }
