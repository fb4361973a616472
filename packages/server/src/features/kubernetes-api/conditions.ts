import { X509Certificate } from 'node:crypto'
import { approvalCounts, hasJoined, isReady, isStalled, type State, type StatementAnswer } from '@joinery/protocol'
import type { Condition, ConditionType, InstallationView } from '@joinery/protocol/door'
import type { Decided } from '../../core/ports/store/change.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'

/** Reasons for which a machine is not approved, not joined or not Ready, in one word for programs. */
const reasons: Readonly<Record<State, string>> = {
  pending: 'WaitingForApproval',
  approved: 'WaitingForAgent',
  joining: 'Joining',
  joined: 'WaitingForNode',
  ready: 'NodeNotReady',
  recovering: 'Recovering',
  frozen: 'Frozen',
  failed: 'JoinFailed',
  expired: 'Expired',
  rejected: 'Rejected',
  removed: 'Removed'
}

/** A condition before it says for which generation it was written. */
type Judged = Omit<Condition, 'observedGeneration'>

/** When the condition became true, or undefined if it is not. `had`: it was true before. `words`: the message, if true and if not. */
interface Fact {
  trueSince: string | undefined
  had: boolean
  trueReason: string
  words: readonly [string, string]
}

/**
 * The conditions of an enrolment, by its document alone. `message`: what it waits for, or why it ended. Its times are those of the
 * document: a view is never read back. `Stalled` is there only if it holds, as programs by kstatus expect.
 */
export const enrolmentConditions = (enrolment: EnrolmentDocument, message: string): Judged[] => {
  const { since, created, withoutAgent = false, node } = enrolment
  const { evidence: approved } = enrolment.approval
  const { ready } = enrolment.join
  const judged = (type: ConditionType, { trueSince, had, trueReason, words: [yes, no] }: Fact): Judged =>
    trueSince === undefined
      ? condition(type, false, reasonOf(enrolment), no, had ? notSince(enrolment) : created)
      : condition(type, true, trueReason, yes, trueSince)
  return [
    judged('Approved', {
      trueSince: approvalCounts(enrolment) ? (approved?.at ?? created) : undefined,
      had: approved !== undefined || withoutAgent,
      trueReason: 'Approved',
      words: ['the machine may join', 'the machine may not join']
    }),
    judged('Joined', {
      trueSince: hasJoined(enrolment) ? (node?.registered ?? since) : undefined,
      had: node !== undefined,
      trueReason: 'NodeRegistered',
      words: ['the machine has its Node', 'the machine has no Node of its own']
    }),
    judged('Ready', {
      trueSince: isReady(enrolment) && node?.condition === 'Ready' ? later(since, node.ready) : undefined,
      had: ready !== undefined,
      trueReason: 'NodeReady',
      words: [message, message]
    }),
    ...(isStalled(enrolment) ? [condition('Stalled', true, reasonOf(enrolment), message, since)] : [])
  ]
}

/** Conditions of a Decision, or of a Code that the server refused: `type` says what it is that came to be, or did not. */
export const resultConditions = (
  type: 'Applied' | 'Accepted',
  { result, code = '', message, at }: Pick<Decided, 'result' | 'code' | 'message' | 'at'>
): Judged[] => {
  if (result === 'applied') return [condition(type, true, type, message, at)]
  const reason = camel(code) || 'Refused'
  return [condition(type, false, reason, message, at), condition('Stalled', true, reason, message, at)]
}

/** The condition of a Code of which the server made a code. */
export const acceptedConditions = (message: string, created: string): Judged[] => [
  condition('Accepted', true, 'Accepted', message, created)
]

/** The condition of the Installation. It begins with the CA of the server: there is nothing older that it depends on. */
export const installationConditions = (
  { certificateAuthority }: Pick<InstallationView, 'certificateAuthority'>,
  signed: StatementAnswer | undefined
): Judged[] => {
  const since = new X509Certificate(certificateAuthority).validFromDate.toISOString()
  return signed === undefined
    ? [condition('Ready', false, 'NotSigned', 'the server has not signed where it is: joinery status says why', since)]
    : [condition('Ready', true, 'Signed', 'machines find and trust the pairing server', since)]
}

/** A status with its conditions, as they stand for this generation of the object. */
export const observed = <T extends { conditions?: Condition[] }>(
  status: T,
  generation: number
): T & { observedGeneration: number } => ({
  ...status,
  observedGeneration: generation,
  ...(status.conditions && {
    conditions: status.conditions.map((one) => ({ ...one, observedGeneration: generation }))
  })
})

const condition = (
  type: ConditionType,
  holds: boolean,
  reason: string,
  message: string,
  lastTransitionTime: string
): Judged => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
  lastTransitionTime: wholeSecond(lastTransitionTime)
})

/** A time as Kubernetes writes it (`metav1.Time`). */
const wholeSecond = (time: string): string => `${time.slice(0, 19)}Z`

/** A machine that was Ready has a Node whose condition is the reason. */
const reasonOf = (enrolment: EnrolmentDocument): string => {
  const { state, node } = enrolment
  return isReady(enrolment) && node !== undefined && node.condition !== 'Ready'
    ? `Node${node.condition}`
    : reasons[state]
}

/** When what was true ended: with the last change of the Node if that is why, else with the state. */
const notSince = (enrolment: EnrolmentDocument): string =>
  isReady(enrolment) ? later(enrolment.since, enrolment.diagnosis.flap?.last) : enrolment.since

/** Times of the store are in UTC, and of one form: the later one is the larger text. */
const later = (one: string, other = ''): string => (one > other ? one : other)

/** A problem code as the reason of a condition: `name-in-use` is `NameInUse`. */
const camel = (code: string): string => code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
