import { hasJoined, isRecovering, next, type State } from '@joinery/protocol/browser'
import type { ConsoleVerb, Rights, SeenEnrolment } from '../../contract.ts'

/** The verbs that a page offers for an enrolment, in the order in which it shows them. */
export const rowVerbs = ['approve', 'replace', 'retry', 'release', 'reject', 'remove'] as const
export type RowVerb = (typeof rowVerbs)[number]
/** The verbs for many machines at once. */
export const bulkVerbs = ['approve', 'retry', 'reject'] as const satisfies readonly RowVerb[]
export type BulkVerb = (typeof bulkVerbs)[number]

/** A verb, and why it is not possible. `missing`: the right that the operator lacks. */
export interface Offer {
  verb: RowVerb
  possible: boolean
  why?: string
  missing?: string
}

type About = Pick<SeenEnrolment, 'state' | 'role'> & Partial<SeenEnrolment>

/** True if an operator may let a machine ask for its way back again. */
const isKept = ({ recovery }: About): boolean => recovery?.state === 'refused' || recovery?.state === 'frozen'

/** True if a verb is possible in the state of an enrolment, whoever says it. */
export const fitsState = (verb: RowVerb, about: About): boolean => {
  const { state, recovery, withoutAgent, nameConflict } = about
  // the name of a machine that asks for its way back is its own
  if (verb === 'replace') return fitsState('approve', about) && !isRecovering(about) && nameConflict !== undefined
  if (next(state, verb) === undefined) return false
  if (verb === 'approve' && isRecovering(about)) return recovery?.state !== 'approved'
  if (verb === 'retry') return hasJoined(about) ? isKept(about) : !withoutAgent
  if (verb === 'release') return !withoutAgent
  return true
}

/** The right that a verb needs, as RBAC names it. A machine that may become a control plane needs a right of its own. */
export const rightOf = (verb: RowVerb, role: SeenEnrolment['role']): ConsoleVerb =>
  (verb === 'approve' || verb === 'retry') && role === 'control-plane' ? 'approve-control-plane' : verb

/**
 * Every verb that fits the state of an enrolment. One that the operator has no right for is offered as
 * not possible, with the right that is missing.
 */
export const offersOf = (about: About, rights: Rights): Offer[] =>
  rowVerbs
    .filter((verb) => fitsState(verb, about))
    .map((verb) => {
      // only root on the host of another control plane takes one away, with its member of etcd
      if (verb === 'remove' && about.role === 'control-plane')
        return { verb, possible: false, why: 'only root on the host of another control plane can: joinery remove' }
      if (verb === 'replace' && about.role === 'control-plane')
        return { verb, possible: false, why: 'only root on a control-plane host can: joinery approve --replace' }
      const { may, missing } = rights[rightOf(verb, about.role)]
      return may ? { verb, possible: true } : { verb, possible: false, ...lacking(missing) }
    })

const lacking = (missing = 'do so'): Pick<Offer, 'why' | 'missing'> => ({
  why: `needs the right to ${missing}`,
  missing
})

const effects: Partial<Record<State, string>> = {
  joining: 'This ends its join, deletes its Node if one appears, and bans its name.',
  joined: 'This deletes its Node, without a drain, and bans its name.',
  recovering: 'This refuses the way back. The machine stays in the cluster.'
}

/** The loss that a rejection brings. Undefined if the machine only waits. */
export const effectOfReject = ({ state }: Pick<SeenEnrolment, 'state'>): string | undefined => effects[state]
