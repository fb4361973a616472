import { type Enrolment, hasClaimed, isControlPlane, type NameHolder } from '@joinery/protocol'

/**
 * True if root has to take the machine away before its enrolment can end. That is so for a control plane, by its role
 * or by the mark of its Node.
 */
export const needsRoot = ({ role }: Pick<Enrolment, 'role'>, { node }: NameHolder): boolean =>
  role === 'control-plane' || (node !== undefined && isControlPlane(node))

/**
 * True if nobody else has claimed the name. Otherwise Node and etcd member are another machine's. `all`: enrolments of
 * any name.
 */
export const isAlone = ({ id, name }: Enrolment, all: readonly Enrolment[]): boolean =>
  !all.some((other) => other.id !== id && other.name === name && hasClaimed(other))
