import type { Why } from '@joinery/protocol'
import type { Diagnoses } from '../../../features/diagnosis/diagnoses.ts'
import type { Store } from '../../ports/store/store.ts'
import { findEnrolment } from './find-enrolment.ts'

export interface WhyParts {
  store: Store
  diagnoses: Pick<Diagnoses, 'why'>
}

/** Says why the Node of one enrolment is not Ready, by a look at the cluster now. */
export const why =
  ({ store, diagnoses }: WhyParts) =>
  async (reference: string): Promise<Why> =>
    diagnoses.why(await findEnrolment(store, reference))
