import { checkNames } from '@joinery/protocol'
import type { Judged } from '../words/evidence.ts'

/** Reasons why only a person may approve this machine, whatever a rule says. Empty if there is none. */
export const doubtsAbout = ({
  preflight,
  conflicts,
  nameConflict,
  former,
  approved
}: Pick<Judged, 'preflight' | 'conflicts' | 'nameConflict' | 'former' | 'approved'>): string[] => {
  const failing = preflight.filter(({ verdict }) => verdict === 'fail')
  return [
    ...(failing.length > 0 ? [`its preflight fails (${checkNames(failing)})`] : []),
    ...(conflicts.length > 0 ? ['another key came with its code'] : []),
    ...(nameConflict === undefined ? [] : ['its name is in use']),
    ...(former === undefined ? [] : ['its name belonged to another machine']),
    // a machine that changes at will could be approved, and leave a leaf in the audit log, without end
    ...(approved === undefined ? [] : ['it has changed since it was approved'])
  ]
}
