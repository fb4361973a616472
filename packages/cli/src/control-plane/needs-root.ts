import { type Enrolment, hasClaimed, isControlPlane, type NameHolder } from '@joinery/protocol'

/** Whether root has to take it away before its enrolment can end: a control plane, by its role or by the mark of its Node. */
export const needsRoot = ({ role }: Pick<Enrolment, 'role'>, { node }: NameHolder): boolean =>
  role === 'control-plane' || (node !== undefined && isControlPlane(node))

/** Nobody else has claimed the name: else Node and etcd member are another machine's. `all`: enrolments of whatever name. */
export const isAlone = ({ id, name }: Enrolment, all: readonly Enrolment[]): boolean =>
  !all.some((other) => other.id !== id && other.name === name && hasClaimed(other))
