import { commandGroup, controlPlaneCommandGroup, controlPlaneGroup, workerGroup } from '@joinery/kube/names'
import type { Role } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

const agentGroups: Record<Role, string> = { worker: workerGroup, 'control-plane': controlPlaneGroup }
const commandGroups: Record<Role, string> = { worker: commandGroup, 'control-plane': controlPlaneCommandGroup }

/** The group of the tokens of an enrolment. */
export const tokenGroupOf = ({ withoutAgent, role }: Pick<EnrolmentDocument, 'withoutAgent' | 'role'>): string =>
  (withoutAgent ? commandGroups : agentGroups)[role]
