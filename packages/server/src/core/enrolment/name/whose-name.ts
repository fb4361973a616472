import {
  type Enrolment,
  hasClaimed,
  hasEnded,
  holdsName,
  isBeforeClaim,
  isFrozen,
  isLive,
  mayHaveNode,
  mustHaveNoNode,
  next
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument, EnrolmentHead } from '../../ports/store/documents/enrolment-document.ts'

/*
 * Whose is this name? All answers are in this file. They take `named`: all enrolments that have, want or had one name, in order
 * of creation. An enrolment is, for its name,
 *
 * - waiting: it wants the name, and keeps nobody else from it;
 * - the holder: the name was given to it, by an approval or a join command. The store lets one enrolment be that;
 * - the claimant: the holder from its claim on, so that a Node of the name is its own;
 * - the keeper: the holder, or one that froze after its claim. As long as there is one nobody else gets the name;
 * - the owner: a Node of the name is its own, or would be;
 * - former: it claimed the name once, and is not to have a Node of it now.
 */

/** All enrolments of the name but this one. */
export const othersThan = <T extends Pick<EnrolmentDocument, 'id'>>(
  { id }: Pick<EnrolmentDocument, 'id'>,
  named: readonly T[]
): T[] => named.filter((other) => other.id !== id)

/** The enrolment that the name was given to, if there is one. */
export const holderOf = (named: readonly EnrolmentDocument[]): EnrolmentDocument | undefined => named.find(holdsName)

/** The holder, if it has claimed: a Node of the name is its own, and a ban would keep it out. */
export const claimantOf = (named: readonly EnrolmentDocument[]): EnrolmentDocument | undefined => named.find(hasClaimed)

/**
 * The keeper among the others, in words: the name is refused to this enrolment. One that froze after its claim counts too. Any
 * other that got the name would lift the ban of what it may hold.
 */
export const takenBy = (
  enrolment: Pick<EnrolmentDocument, 'id'>,
  named: readonly EnrolmentDocument[]
): string | undefined => inWords(othersThan(enrolment, named).find(keeps))

const keeps = (enrolment: EnrolmentDocument): boolean =>
  holdsName(enrolment) || (isFrozen(enrolment) && enrolment.join.attempts.length > 0)

/** The other enrolment that an operator sees beside one that is live or failed, in words: the keeper, else one that waits. */
export const conflictOf = (enrolment: EnrolmentDocument, named: readonly EnrolmentDocument[]): string | undefined => {
  if (hasEnded(enrolment)) return undefined
  const waiting = othersThan(enrolment, named).find(isLive)
  return takenBy(enrolment, named) ?? inWords(waiting)
}

const inWords = (other: EnrolmentDocument | undefined): string | undefined =>
  other && `enrolment ${other.id} (${other.state})`

/**
 * The owner of each name, by name: the holder, else the newest that may still register, else the newest. `enrolments`: of any
 * names, those that claimed once, since only a claim can bring a Node.
 */
export const ownersOf = (
  enrolments: readonly Pick<EnrolmentHead, 'id' | 'name' | 'state'>[]
): ReadonlyMap<string, string> => {
  const mayRegister = enrolments.filter(({ state }) => next(state, 'register') !== undefined)
  const held = enrolments.filter(holdsName)
  // the last one of a name counts
  return new Map([...enrolments, ...mayRegister, ...held].map(({ name, id }) => [name, id]))
}

export interface NodeOwner {
  /** The enrolment whose Node a Node of the name is. */
  owner?: EnrolmentDocument
  /** If there is no owner: the enrolment that would be the owner, if it could still have a Node. */
  former?: EnrolmentDocument
}

/** The owner of a Node of the name, or the former that would have been its owner. */
export const nodeOwnerOf = (named: readonly EnrolmentDocument[]): NodeOwner => {
  const once = named.filter(({ join: { attempts } }) => attempts.length > 0)
  const [id] = ownersOf(once).values()
  const one = once.find((enrolment) => enrolment.id === id)
  if (one === undefined) return {}
  return mayHaveNode(one) ? { owner: one } : { former: one }
}

/** True if the former is over or frozen: a machine of this name is not wanted. */
export const isTurnedAway = (former: EnrolmentDocument | undefined): former is EnrolmentDocument =>
  former !== undefined && mustHaveNoNode(former)

/** The newest former enrolment whose machine may still hold a kubelet's certificate, while this enrolment has not claimed. */
export const formerOf = (enrolment: EnrolmentDocument, named: readonly EnrolmentDocument[]): Enrolment['former'] => {
  // only a claim lifts a ban
  if (!isBeforeClaim(enrolment)) return undefined
  const former = othersThan(enrolment, named).findLast(
    (other) => isTurnedAway(other) && other.join.attempts.some(mayHoldCertificate)
  )
  if (former === undefined) return undefined
  const expires = former.join.attempts.flatMap(({ certificateExpires = [] }) => certificateExpires).sort()
  const last = expires.at(-1)
  return { enrolment: former.id, ...given({ certificateExpires: last }) }
}

const mayHoldCertificate = ({ csr, issued, certificate }: AttemptDocument): boolean =>
  (csr ?? issued ?? certificate) !== undefined
