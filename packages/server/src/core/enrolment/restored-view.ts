import { isDeepStrictEqual } from 'node:util'
import { identityFacts, type Restored } from '@joinery/protocol'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'

/**
 * The approval that a settling took back, as operators see it. Undefined if the machine does not wait because of one. The way back
 * compares by an approval that stands; this one does not.
 */
export const restoredView = (enrolment: EnrolmentDocument): Restored | undefined => {
  const { name, key, address, facts } = enrolment
  const { takenBack, evidence: approved, addresses = [] } = enrolment.approval
  if (takenBack === undefined || approved === undefined) return undefined
  const changed = [
    ...(approved.name === name ? [] : ['name']),
    ...(approved.key === key ? [] : ['key']),
    ...(addresses.includes(address) ? [] : ['address']),
    ...identityFacts.filter((fact) => !isDeepStrictEqual(facts[fact], approved.facts[fact]))
  ]
  return { at: approved.at, by: takenBack.by, revision: approved.revision, changed }
}
