import type { CausesRequest, OwnEnrolment } from '@joinery/protocol'
import type { Diagnoses } from '../../../features/diagnosis/diagnoses.ts'
import { decideReported, requireOwnWords } from '../../../features/diagnosis/why/reported.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import { deciding } from './deciding.ts'
import { type Caller, readOwnView } from './sighting.ts'

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
