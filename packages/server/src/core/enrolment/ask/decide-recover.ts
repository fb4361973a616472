import { hash } from 'node:crypto'
import { day, isRecovering, type RecoveryEvidence, type RecoveryRequest, recoveriesAYear } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { RecoveryDocument } from '../../ports/store/documents/recovery-document.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { doubtsAbout } from '../recovery/doubts.ts'
import { endRecovery } from '../recovery/end-recovery.ts'
import { leaseWords } from './judge-heard.ts'
import {
  askedByAnother,
  firstAskOf,
  isSilentlyReady,
  neededByNobody,
  notYet,
  type RecoveryRefusal,
  type RecoverySight,
  recoverPolicyOf,
  refusedRecovery
} from './refused-recovery.ts'

/** An ask for the way back, and the address from which it came. */
interface RecoveryAsk {
  request: RecoveryRequest
  address: string
}

/** Result of an ask: what to write, if anything, and why the machine is refused, if it is. */
interface RecoverResult {
  decision?: Decision
  refused?: RecoveryRefusal
}

/** Time for which an alert about one kind of refusal is not told again, in milliseconds. */
const toldAgain = day

/**
 * Decides about a machine that asks for the way back. The answer to a repeated ask is the enrolment as it is. The counter is
 * judged last but one, so that only a machine that could come back can move it, or freeze the way back.
 */
export const decideRecover = (
  enrolment: EnrolmentDocument,
  ask: RecoveryAsk,
  sight: RecoverySight,
  now: Date
): RecoverResult => {
  const { recovery } = enrolment
  const asked = evidenceOf(ask, now)
  const refused =
    refusedRecovery(enrolment, sight) ?? askedByAnother(enrolment, asked.facts) ?? neededByNobody(enrolment, sight, now)
  if (refused !== undefined)
    return { refused, ...given({ decision: tellRefusal(enrolment, refused, asked, sight, now) }) }
  const counter = judgeCounter(recovery ?? {}, ask.request)
  if (counter.is === 'same' && isRecovering(enrolment)) {
    return recovery?.asked?.joinKey === asked.joinKey
      ? {}
      : freeze(enrolment, asked, 'with another key for its certificate', now)
  }
  if (counter.is === 'stranger') return freeze(enrolment, asked, 'with a value that the machine cannot have', now)
  const kept =
    counter.is === 'taken' ? counter.counter : given({ confirmed: recovery?.confirmed, pending: recovery?.pending })
  return { decision: take(enrolment, asked, kept, sight, now) }
}

const evidenceOf = ({ request, address }: RecoveryAsk, now: Date): RecoveryEvidence => {
  const { reason, notAfter, serial, fingerprint, joinKey, facts, bootId } = request
  return {
    at: now.toISOString(),
    address,
    reason,
    joinKey,
    facts,
    ...given({ notAfter, serial, fingerprint, bootId })
  }
}

/** Tells of a refusal: each kind once a day, however often somebody asks. The first ask of a machine that is to come again, once. */
const tellRefusal = (
  enrolment: EnrolmentDocument,
  { kind, detail, alert }: RecoveryRefusal,
  { address, at }: RecoveryEvidence,
  { node, clusterNow }: RecoverySight,
  now: Date
): Decision | undefined => {
  const { recovery = noRecovery(enrolment) } = enrolment
  const last = recovery.told?.[kind]
  const isTold =
    kind === notYet
      ? node !== undefined && firstAskOf(recovery, node) !== undefined
      : last !== undefined && now.getTime() - Date.parse(last) < toldAgain
  if (isTold) return undefined
  const when = kind === notYet ? (clusterNow ?? now).toISOString() : at
  return {
    enrolment: { ...enrolment, recovery: { ...recovery, told: { ...recovery.told, [kind]: when } } },
    entries: [entry(now, 'agent', 'recovery-refused', `asked for the way back from ${address}: ${detail}`, alert)]
  }
}

const noRecovery = ({ since }: EnrolmentDocument): RecoveryDocument => ({ state: 'over', since })

/** Nobody comes back by this enrolment until an operator has looked at both. Its state, and a Node of it, stay. */
const freeze = (enrolment: EnrolmentDocument, other: RecoveryEvidence, how: string, now: Date): RecoverResult => {
  const why = `another machine with the same key asked for the way back from ${other.address}, ${how}`
  const ended = endRecovery(enrolment, { event: 'end-recovery', why, failedBy: 'server' }, now)
  const { approved: _, ...recovery } = ended.recovery ?? noRecovery(ended)
  return {
    decision: {
      enrolment: { ...ended, recovery: { ...recovery, state: 'frozen', since: now.toISOString(), why, other } },
      entries: [entry(now, 'agent', 'recovery-frozen', why, true)]
    },
    refused: {
      kind: 'frozen',
      code: 'recovery-refused',
      detail: 'two machines asked with one key: an operator has to look',
      remedy: `on the server, as an operator: joinery show ${enrolment.name}`,
      alert: false
    }
  }
}

const take = (
  enrolment: EnrolmentDocument,
  asked: RecoveryEvidence,
  counter: Pick<RecoveryDocument, 'confirmed' | 'pending'>,
  sight: RecoverySight,
  now: Date
): Decision => {
  const at = now.toISOString()
  const why = 'the machine asked again'
  // an approval covers the ask that was shown
  const before = endRecovery(enrolment, { event: 'end-recovery', why, failedBy: 'server' }, now)
  const recovering = moved(before, 'recover', now)
  const {
    told: { [notYet]: _, ...told } = {},
    automatic = [],
    unfrozen,
    notReadySince
  } = before.recovery ?? noRecovery(before)
  const isSilent = isSilentlyReady(sight, now)
  const lastYear = automatic.filter((time) => now.getTime() - Date.parse(time) < 365 * day)
  const doubts = doubtsAbout(enrolment, asked, now)
  const times = recoveriesAYear(recoverPolicyOf(enrolment, sight.policy)) ?? 0
  if (isSilent)
    doubts.push(`the cluster calls its Node Ready, and its Lease was renewed last at ${leaseWords(sight.lease)}`)
  if (unfrozen) doubts.unshift('an operator ended a freeze')
  if (times > 0 && lastYear.length >= times) doubts.push(`the policy approved ${lastYear.length} in a year already`)
  const approves = times > 0 && doubts.length === 0
  const since =
    (isSilent ? undefined : sight.node?.since?.toISOString()) ?? (isRecovering(enrolment) ? notReadySince : undefined)
  const recovery: RecoveryDocument = {
    state: approves ? 'approved' : 'waiting',
    since: at,
    asked,
    ...counter,
    ...(doubts.length > 0 && { why: doubts.join('; ') }),
    ...(approves && { approved: { at } }),
    automatic: approves ? [...lastYear, at] : lastYear,
    lease: leaseWords(sight.lease),
    ...(isSilent && { silent: true }),
    ...(Object.keys(told).length > 0 && { told }),
    ...given({ notReadySince: since })
  }
  const end = asked.notAfter === undefined ? '' : `, which ended at ${asked.notAfter}`
  const entries = [
    entry(now, 'agent', 'recover', `from ${asked.address}; its certificate is ${asked.reason}${end}, as it says`)
  ]
  if (approves) entries.push(entry(now, 'server', 'approve', `the way back, by the policy auto ${times}`))
  return { enrolment: { ...recovering, recovery }, entries }
}

type Counter = Pick<RecoveryDocument, 'confirmed' | 'pending'>

/**
 * - taken: the machine that asked last asks again, or it is the first ask; `counter` is what to keep
 * - same: the last ask came once more, for its answer was lost
 * - stranger: the value is neither of the two that the machine may have, so another one has its key
 */
type CounterVerdict = { is: 'taken'; counter: Counter } | { is: 'same' } | { is: 'stranger' }

/**
 * Judges the counter of an ask. The server keeps two values, as SHA-256: the one that the machine has confirmed, and the next
 * one, which the machine may have lost with a power cut or an answer. So neither freezes an honest machine. Two machines with
 * one disk name two next values, and one of them comes with the wrong one.
 */
export const judgeCounter = (
  kept: Pick<RecoveryDocument, 'confirmed' | 'pending' | 'unfrozen'>,
  { current, next }: Pick<RecoveryRequest, 'current' | 'next'>
): CounterVerdict => {
  const { confirmed, pending, unfrozen } = kept
  const given = current === undefined ? undefined : sumOf(current)
  const following = sumOf(next)
  const taken: CounterVerdict = {
    is: 'taken',
    counter: { ...(given !== undefined && { confirmed: given }), pending: following }
  }
  if (unfrozen) return taken
  if (pending === undefined) return given === undefined ? taken : { is: 'stranger' }
  if (following === pending && given === confirmed) return { is: 'same' }
  return given !== undefined && (given === confirmed || given === pending) ? taken : { is: 'stranger' }
}

const sumOf = (value: string): string => hash('sha256', value)
