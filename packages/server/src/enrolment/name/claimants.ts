import type { EnrolmentDocument } from '../../store/store.ts'
import { mayHaveNoNode, mayHaveOne } from '../node/unwanted-node.ts'
import { ownersOf } from './owners.ts'

export interface Claimants {
  /** The enrolment whose Node a Node of this name is. */
  owner?: EnrolmentDocument
  /** Where there is none: the newest that claimed the name once, and is not to have it. */
  former?: EnrolmentDocument
}

/** Whose a name is; `named`: all that have, want or had it, in order of creation. Only a claim can bring a Node. */
export const claimants = (named: readonly EnrolmentDocument[]): Claimants => {
  const claimed = named.filter(({ attempts }) => attempts.length > 0)
  const [id] = ownersOf(claimed).values()
  const newest = claimed.find((enrolment) => enrolment.id === id)
  if (newest === undefined) return {}
  return mayHaveOne.includes(newest.state) ? { owner: newest } : { former: newest }
}

/** An enrolment that is over, or frozen: a machine of this name is not wanted. */
export const isTurnedAway = (former: EnrolmentDocument | undefined): former is EnrolmentDocument =>
  former !== undefined && mayHaveNoNode.includes(former.state)
