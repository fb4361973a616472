import { day, hour, type ProblemCode, ProblemError } from '@joinery/protocol'
import { bindsAnother, DecisionSpec, type DecisionVerdict } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { Value } from 'typebox/value'
import { shownRevision } from '../../../core/enrolment/facts/shown.ts'
import type { SeenDecision } from '../../../core/ports/objects/decisions.ts'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'

/** Milliseconds after which a Decision can do nothing, and is deleted. */
export const longestLife = 7 * day

/** Milliseconds for which a Decision can let a machine in. What was decided must not happen when nobody thinks of it any more. */
export const letsInFor = hour

/** The verb to carry out by a Decision, or the reason why it is refused. */
export type Judged = { spec: DecisionSpec; revision: number } | { refused: ProblemError }

/**
 * Judges a Decision by the enrolment that has its id. `now` is a time by the API server's clock. `revision` is the one at which the
 * verb is carried out. Everything in the Decision is hostile: a schema in the cluster may be older, or gone.
 */
export const judgeDecision = (
  { name, uid, created, spec }: Pick<SeenDecision, 'name' | 'uid' | 'created' | 'spec'>,
  enrolment: EnrolmentDocument | undefined,
  now: Date
): Judged => {
  if (!Value.Check(DecisionSpec, spec)) return refuse('invalid-request', 'the decision does not fit the schema')
  const { verdict, node, reason = '', by, role, key } = spec
  if (bindsAnother(name, spec)) return refuse('cluster-unsafe', changedOnItsWay, 'joinery cluster doctor')
  if (by === '') return refuse('invalid-request', 'the decision does not name who made it')
  if ((verdict === 'replace') !== (node !== undefined)) {
    return refuse('invalid-request', 'replace names the Node that makes room, and nothing else does')
  }
  if (verdict === 'reject' && reason === '') return refuse('invalid-request', 'reject says why')
  if (enrolment === undefined || enrolment.id !== spec.enrolment) {
    return refuse('not-found', 'no enrolment has this id', 'joinery list')
  }
  if (isTooOld(verdict, created, now)) return refuse('illegal-event', tooOld(verdict))
  if (role !== enrolment.role) {
    return refuse('invalid-request', `the decision is about a ${role}, and ${enrolment.name} is a ${enrolment.role}`)
  }
  if (verdict === 'remove' && role === 'control-plane') {
    const byRoot = `on another control-plane host: sudo joinery remove ${enrolment.name}`
    return refuse('illegal-event', 'to remove a control plane needs root on a control-plane host', byRoot)
  }
  // release names the key that is right, which may be that of the other machine; the decider knows both
  if (verdict !== 'release' && key !== enrolment.key) {
    return refuse('revision-changed', `${enrolment.name} has another key than the one that was shown`, again(enrolment))
  }
  const revision = shownRevision(enrolment)
  if (spec.revision === revision || isGoingOn(uid, enrolment, revision)) return { spec, revision }
  return refuse('revision-changed', `shown was revision ${spec.revision}, it is at ${revision} now`, again(enrolment))
}

const again = ({ name }: EnrolmentDocument): string => `look again: joinery show ${name}`

const changedOnItsWay =
  'the decision is not the one that its command sent: a webhook or a MutatingAdmissionPolicy changed it'

const refuse = (code: ProblemCode, detail: string, remedy?: string): Judged => ({
  refused: new ProblemError(code, { detail, ...given({ remedy }) })
})

const endings: readonly DecisionVerdict[] = ['reject', 'remove']

/** True for a verdict that takes away. What takes away goes first, and may be older. */
export const isEnding = (verdict: DecisionVerdict): boolean => endings.includes(verdict)

/** True for a Decision outside of the time in which it holds. One from the future is no younger than one of the past. */
const isTooOld = (verdict: DecisionVerdict, created: Date, now: Date): boolean => {
  const age = Math.abs(now.getTime() - created.getTime())
  // a time that cannot be read is no time
  return !(age <= (isEnding(verdict) ? longestLife : letsInFor))
}

const tooOld = (verdict: DecisionVerdict): string =>
  isEnding(verdict)
    ? 'the decision is older than 7 days'
    : 'the decision is older than an hour: look again, and decide again'

/** True if this Decision made room for the enrolment before, and nothing that it covers has changed since. */
const isGoingOn = (uid: string, { approval: { makingRoom } }: EnrolmentDocument, revision: number): boolean =>
  makingRoom?.decision === uid && makingRoom.revision === revision
