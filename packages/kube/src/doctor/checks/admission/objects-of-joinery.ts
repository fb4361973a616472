import { doorGroup } from '../../../door/index.ts'
import { logGroup } from '../../../log/index.ts'
import { namespace } from '../../../names.ts'

/** Objects of one of several API groups, by a rule of admission. */
export interface Asked {
  /** API groups that it is asked about. */
  groups: readonly string[]
  /** True if it is asked about what is in the namespace of Joinery. */
  seesNamespace: boolean
}

/** Objects of Joinery that the rule is about, in words. Those of the log and the Leases are in the namespace of Joinery. */
export const objectsOfJoinery = ({ groups, seesNamespace }: Asked): string[] => {
  const has = (group: string): boolean => groups.includes('*') || groups.includes(group)
  return [
    ...(has(doorGroup) ? [`the objects of ${doorGroup}`] : []),
    ...(has(logGroup) && seesNamespace ? [`the log of ${logGroup}`] : []),
    ...(has('coordination.k8s.io') && seesNamespace ? [`the Leases of ${namespace}`] : [])
  ]
}
