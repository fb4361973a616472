import { isRecovering, lifetimes } from '@joinery/protocol'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { RecoveryDocument } from '../../ports/store/documents/recovery-document.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { endRecovery } from './end-recovery.ts'

/** Ends a way back that failed, as the machine or the server says. A failure is told as that of a join is. */
export const decideRecoveryFailed = (
  enrolment: EnrolmentDocument,
  { why, actor, number }: { why: string; actor: 'agent' | 'server'; number: number },
  now: Date
): Decision => {
  const said = actor === 'agent' ? `as the machine reports it: ${why}` : why
  const failed = { event: 'end-recovery', why, ...(actor === 'server' && { failedBy: actor }) } as const
  return {
    enrolment: endRecovery(enrolment, failed, now),
    entries: [entry(now, actor, 'end-recovery', `attempt ${number}: ${said}`, true)]
  }
}

/**
 * Ends the open attempt at its deadline. If the Node is Ready by a certificate that the recovery certificate got, only the
 * agent's word is missing: the machine is back, not confirmed.
 */
export const decideRecoveryLapse = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  const { recovery, node } = enrolment
  const { attempts } = enrolment.join
  const attempt = attempts.find(({ number }) => number === recovery?.attempt)
  if (!isRecovering(enrolment) || attempt === undefined || now < new Date(attempt.deadline)) return undefined
  if (isHeld(enrolment, attempt)) return decideHeld(enrolment, now)
  const serial = attempt.kubeletCsrs?.at(-1)?.serial
  const number = attempt.number
  if (serial === undefined || node?.condition !== 'Ready') {
    const got = serial === undefined ? 'no certificate was issued' : `certificate serial ${serial} was issued`
    const why = `the Node was not Ready until the deadline ${attempt.deadline}, and ${got}`
    return decideRecoveryFailed(enrolment, { why, actor: 'server', number }, now)
  }
  const why = `Node Ready with certificate serial ${serial}; not confirmed: the agent is silent`
  return decideBack(enrolment, { why, confirmed: false }, now)
}

/** True if the agent has reported a certificate that was issued to the certificate of this attempt. */
const isHeld = ({ join: { agentReady } }: EnrolmentDocument, { kubeletCsrs = [] }: AttemptDocument): boolean =>
  kubeletCsrs.some(
    ({ serial, key }) => serial === agentReady?.certificate.serial && key === agentReady?.certificate.fingerprint
  )

/** The kubelet has its certificate, so the way back is over. That its Node is not Ready has another cause. */
const decideHeld = (enrolment: EnrolmentDocument, now: Date): Decision => {
  const { attempt: _, approved: __, reported: ___, ...kept } = enrolment.recovery ?? noRecovery
  const why = `the kubelet holds certificate serial ${enrolment.join.agentReady?.certificate.serial}, and its Node is not Ready yet`
  const over = moved(enrolment, enrolment.join.ready === undefined ? 'end-early-recovery' : 'end-recovery', now)
  return {
    enrolment: { ...over, recovery: { ...kept, state: 'over', since: now.toISOString(), why } },
    entries: [entry(now, 'server', 'end-recovery', why)]
  }
}

const noRecovery: RecoveryDocument = { state: 'over', since: '' }

/** The machine is back: its Node is Ready, and the way back is over. */
export const decideBack = (
  enrolment: EnrolmentDocument,
  { why, confirmed }: { why: string; confirmed: boolean },
  now: Date
): Decision => {
  const { attempt: _, approved: __, reported: ___, why: ____, ...kept } = enrolment.recovery ?? noRecovery
  const at = now.toISOString()
  const back = moved(enrolment, 'become-ready', now)
  return {
    enrolment: {
      ...back,
      join: { ...back.join, ready: at, confirmed },
      recovery: { ...kept, state: 'over', since: at, why }
    },
    entries: [entry(now, 'server', 'become-ready', `back: ${why}`, !confirmed)]
  }
}

/** Ends a way back that nobody claimed within a day after its approval. */
export const decideUnclaimed = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  const { recovery } = enrolment
  if (!isRecovering(enrolment) || recovery?.approved === undefined || recovery.attempt !== undefined) return undefined
  if (now.getTime() - Date.parse(recovery.approved.at) < lifetimes.approved) return undefined
  const why = 'nobody claimed it within a day after its approval'
  return {
    enrolment: endRecovery(enrolment, { event: 'end-recovery', why }, now),
    entries: [entry(now, 'server', 'end-recovery', why)]
  }
}
