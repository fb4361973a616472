import type { InjectionToken } from 'tsyringe'
import type { EnrolmentHead } from './documents/enrolment-document.ts'
import type { OutsiderDocument } from './documents/outsider-document.ts'

/** Sights reads what a pass of the reconciler compares with the cluster. It throws as the store does. */
export interface Sights {
  /**
   * Number of enrolments that hold a place among those that join (`isArriving`): from the claim until Ready, until the attempt is
   * over, or until its deadline. An enrolment without an agent holds none: nobody claims for it.
   */
  joins(at: Date): Promise<number>
  /**
   * Heads of the enrolments that have, or had, an attempt by one of these tokens, each with that token's id, in order of
   * creation.
   */
  headsByToken(tokenIds: readonly string[]): Promise<(EnrolmentHead & { token: string })[]>
  outsiders(): Promise<OutsiderDocument[]>
}
export const Sights = Symbol('Sights') as InjectionToken<Sights>
