import { commandGroup, workerGroup } from '../cluster/cluster.ts'
import type { EnrolmentDocument } from '../store/store.ts'

/** The group of the tokens of an enrolment. */
export const tokenGroupOf = ({ withoutAgent }: Pick<EnrolmentDocument, 'withoutAgent'>): string =>
  withoutAgent ? commandGroup : workerGroup
