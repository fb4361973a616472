import type { Role } from '@joinery/protocol'
import { commandGroup, controlPlaneCommandGroup, workerGroup } from '../cluster/cluster.ts'
import type { EnrolmentDocument } from '../store/store.ts'

const commandGroups: Record<Role, string> = { worker: commandGroup, 'control-plane': controlPlaneCommandGroup }

/** The group of the tokens of an enrolment. */
export const tokenGroupOf = ({ withoutAgent, role }: Pick<EnrolmentDocument, 'withoutAgent' | 'role'>): string =>
  withoutAgent ? commandGroups[role] : workerGroup
