import { hasClaimed, isControlPlane, type NameHolder } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'

/**
 * True if root has to take the machine away before its enrolment can end. That is so for a control plane, by its role
 * or by the mark of its Node.
 */
export const needsRoot = ({ role }: Pick<SeenEnrolment, 'role'>, { node }: NameHolder): boolean =>
  role === 'control-plane' || (node !== undefined && isControlPlane(node))

/**
 * True if nobody else has claimed the name. Otherwise Node and etcd member are another machine's. `all`: enrolments of
 * any name.
 */
export const isAlone = ({ id, name }: SeenEnrolment, all: readonly SeenEnrolment[]): boolean =>
  !all.some((other) => other.id !== id && other.name === name && hasClaimed(other))
