import type { CausesRequest, OwnEnrolment } from '@joinery/protocol'
import type { Enrolments } from '../../core/commit/enrolments.ts'
import type { UniqueMachines } from '../../core/commit/unique-machines.ts'
import { deciding } from '../../core/services/agent/reports.ts'
import { type Caller, readOwnView } from '../../core/services/agent/sighting.ts'
import type { Diagnoses } from './diagnoses.ts'
import { decideReported, requireOwnWords } from './why/reported.ts'

export interface ReportCausesParts {
  enrolments: Enrolments
  machines: UniqueMachines
  diagnoses: Pick<Diagnoses, 'note'>
}

/** Keeps what the machine says about its Node that is not Ready. Throws `invalid-request` if it says what it cannot know. */
export const reportCauses =
  ({ enrolments, machines, diagnoses }: ReportCausesParts) =>
  async ({ key }: Caller, request: CausesRequest): Promise<OwnEnrolment> => {
    requireOwnWords(request)
    const told = deciding((current, now) => decideReported(current, request, now))
    const enrolment = await enrolments.changeOwn(key, told.decide)
    if (told.decided) diagnoses.note(enrolment.id)
    return readOwnView(machines, enrolment)
  }
