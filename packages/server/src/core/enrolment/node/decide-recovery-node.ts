import { isRecovering } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { decideBack } from '../recovery/decide-recovery-over.ts'
import { endRecovery } from '../recovery/end-recovery.ts'
import { judgeHeld } from './held-certificate.ts'

/**
 * Decides about the way back by the Node. `enrolment`: with the Node as it is now. The machine is back if its Node is Ready, and
 * holds the certificate that was issued to the recovery certificate. A Node that is Ready before the machine has claimed came
 * back by itself, and one that was deleted does not come back.
 */
export const decideRecoveryNode = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  const { recovery, node, agentReady } = enrolment
  if (!isRecovering(enrolment) || recovery === undefined) return undefined
  if (node?.condition === 'Gone') return ended(enrolment, 'the Node was deleted, so the machine has to join again', now)
  if (node?.condition !== 'Ready') return undefined
  // it was called Ready when the machine asked, and nobody was heard: only a Node that became Ready since came back
  const isAsBefore = recovery.silent === true && (node.ready ?? '') <= (recovery.asked?.at ?? '')
  if (recovery.attempt === undefined && isAsBefore) return undefined
  if (recovery.attempt === undefined) return ended(enrolment, 'the Node is Ready again by itself', now)
  if (agentReady === undefined || judgeHeld(enrolment) !== 'as-issued') return undefined
  const why = `Node Ready; agent holds certificate serial ${agentReady.certificate.serial}`
  return decideBack(enrolment, { why, confirmed: true }, now)
}

const ended = (enrolment: EnrolmentDocument, why: string, now: Date): Decision => ({
  enrolment: endRecovery(enrolment, { event: 'end-recovery', why, failedBy: 'server' }, now),
  entries: [entry(now, 'cluster', 'end-recovery', why)]
})
