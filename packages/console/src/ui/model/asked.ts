import { isRecovering } from '@joinery/protocol/browser'
import type { Holder, ReplaceBody, SeenEnrolment } from '../../contract.ts'
import { isOutdated } from './changed.ts'
import { effectOfReject, type RowVerb } from './verbs.ts'

/** Words and choices of a person so far, about machines that the page asks about. */
export interface Said {
  reason: string
  /** A name that was typed, to agree to something grave. */
  typed: string
  /** The key that is right, of those that used the code. */
  keep: string | undefined
  /** True if machines may become control planes. */
  controlPlanes: boolean
  /** Holder of the name of the machine, as it is on the screen. Absent as long as nobody has seen it. */
  holder?: Holder | undefined
}

/** A question of the page: the machines as they were on the screen, as they are now, and those that are done. */
export interface Question {
  verb: RowVerb
  seen: readonly SeenEnrolment[]
  now: ReadonlyMap<string, SeenEnrolment>
  done: ReadonlySet<string>
  said: Said
}

/** The part of a question that may be acted on now, and the rest with the reason. */
export interface Judged {
  left: SeenEnrolment[]
  /** Machines that have changed since they were on the screen: each needs a new look. */
  changed: { target: SeenEnrolment; fresh: SeenEnrolment }[]
  /** Machines that the verb is about to be said of. */
  ready: SeenEnrolment[]
  /** The name that has to be typed, for one machine from which something is taken away. */
  mustType: string | undefined
  effect: string | undefined
  /** Reason why nothing may be done yet. */
  blocked: string | undefined
}

/** True for a verb that lets a machine into the cluster. */
export const letsIn = (verb: RowVerb): boolean => verb === 'approve' || verb === 'retry' || verb === 'replace'

/** True for a machine that becomes a control plane, which the person has not agreed to. */
export const isHeld = ({ role }: Pick<SeenEnrolment, 'role'>, verb: RowVerb, { controlPlanes }: Said): boolean =>
  letsIn(verb) && role === 'control-plane' && !controlPlanes

/** Judges what of a question may be done now, and what is missing. */
export const judge = ({ verb, seen, now, done, said }: Question): Judged => {
  const left = seen.filter(({ id }) => !done.has(id))
  const changed = left.flatMap((target) => {
    const fresh = now.get(target.id)
    return fresh !== undefined && isOutdated(target, fresh) ? [{ target, fresh }] : []
  })
  const outdated = new Set(changed.map(({ target }) => target.id))
  const ready = left.filter((target) => !outdated.has(target.id) && !isHeld(target, verb, said))
  const [one] = seen.length === 1 ? seen : []
  const effect = verb === 'reject' && one !== undefined ? effectOfReject(one) : undefined
  const isGrave =
    verb === 'remove' || verb === 'replace' || (effect !== undefined && one !== undefined && !isRecovering(one))
  const mustType = isGrave ? one?.name : undefined
  const nobody = ready.length === 0 ? whyNobody(left.length, changed.length) : undefined
  return { left, changed, ready, effect, mustType, blocked: nobody ?? missing(verb, said, mustType) }
}

const whyNobody = (left: number, changed: number): string => {
  if (left === 0) return 'all is done'
  return changed > 0 ? 'look at what has changed first' : 'confirm the control plane first'
}

const missing = (
  verb: RowVerb,
  { reason, keep, typed, holder }: Said,
  mustType: string | undefined
): string | undefined => {
  if (verb === 'reject' && reason.trim() === '') return 'give a reason'
  if (verb === 'release' && keep === undefined) return 'choose the key that is right'
  const inTheWay = verb === 'replace' ? refusesReplace(holder) : undefined
  if (inTheWay !== undefined) return inTheWay
  return mustType === undefined || typed === mustType ? undefined : `type ${mustType}`
}

/** The reason why the machine cannot take the place of what has its name. */
const refusesReplace = (holder: Holder | undefined): string | undefined => {
  if (holder === undefined) return 'look at what has the name first'
  if (holder.onlyRoot !== undefined) return 'only root can'
  return holder.node === undefined && holder.pods.length === 0 ? 'no Node has the name' : undefined
}

/** The Node and the enrolment that were on the screen: a replacement is bound to both. */
export const replaceOf = ({ node, former }: Holder, drain: boolean): ReplaceBody => ({
  ...(node === undefined ? {} : { uid: node.uid }),
  ...(former === undefined ? {} : { former: { id: former.id, key: former.key } }),
  drain
})
