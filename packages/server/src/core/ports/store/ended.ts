import type { InjectionToken } from 'tsyringe'
import type { CodeDocument } from './documents/code-document.ts'
import type { EnrolmentDocument } from './documents/enrolment-document.ts'

/** Place of an enrolment in the order of those that have ended. */
export type Place = Pick<EnrolmentDocument, 'state' | 'since' | 'id'>

/** Ended reads what may be over, part by part, for the pruning. It throws as the store does. */
export interface Ended {
  /** Enrolments that have ended (`hasEnded`), and did so by `enteredBy`: the next ones after that place, in a stable order. */
  endedBy(enteredBy: Date, after: Place | undefined, limit: number): Promise<EnrolmentDocument[]>
  /** All enrolments of this key, in order of creation. */
  enrolmentsByKey(key: string): Promise<EnrolmentDocument[]>
  /** The next codes after the code with this id, in a stable order. The code with this id may be gone. */
  codesAfter(id: string | undefined, limit: number): Promise<CodeDocument[]>
}
export const Ended = Symbol('Ended') as InjectionToken<Ended>
