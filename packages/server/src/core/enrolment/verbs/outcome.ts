import {
  type AgentSaid,
  hasClaimed,
  hasEnded,
  isArriving,
  isRecovering,
  type KubeletCertificate,
  type OutcomeRequest,
  ProblemError,
  type ProgressRequest
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { longText } from '../../ports/cluster/bounded-text.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { failureWords, openAttempt, withAttempt } from '../facts/attempts.ts'
import { decideRecoveryFailed } from '../recovery/decide-recovery-over.ts'

type Failed = Extract<OutcomeRequest, { outcome: 'failed' }>

/**
 * Notes the stage lines of a report about the present attempt. kubeadm prints its last ones when the Node is there already. A line of an
 * attempt that is over comes late and says nothing, so it is dropped.
 */
export const decideProgress = (
  enrolment: EnrolmentDocument,
  { attempt, stage, before = [] }: ProgressRequest,
  now: Date
): Decision | undefined => {
  const present = isArriving(enrolment) ? enrolment.join.attempts.at(-1) : undefined
  if (present?.number !== attempt || present.stage === stage) return undefined
  // a report whose answer was lost comes again, with what was printed since
  const known = before.lastIndexOf(present.stage ?? '')
  return {
    enrolment: withAttempt(enrolment, attempt, { stage }),
    entries: [...before.slice(known + 1), stage].map((line) => entry(now, 'agent', 'progress', line))
  }
}

/** Notes that the attempt failed and was closed on the machine. A failure that is reported twice counts once. */
export const decideFailed = (enrolment: EnrolmentDocument, failed: Failed, now: Date): Decision | undefined => {
  const known = enrolment.join.attempts.find((attempt) => attempt.number === failed.attempt)
  // its deadline was over before the agent had closed it
  if (known?.failure !== undefined) {
    return known.closed || hasEnded(enrolment)
      ? undefined
      : { enrolment: closedBy(enrolment, failed, now), entries: [] }
  }
  if (openAttempt(enrolment)?.number !== failed.attempt) {
    throw new ProblemError('illegal-event', { detail: `attempt ${failed.attempt} is not open` })
  }
  const { enrolment: ended, entries } = isRecovering(enrolment)
    ? decideRecoveryFailed(enrolment, { why: inWords(failed), actor: 'agent', number: failed.attempt }, now)
    : endAttempt(enrolment, 'agent', inWords(failed), now)
  const { certificate: held } = failed
  return { enrolment: withAttempt(closedBy(ended, failed, now), failed.attempt, given({ held })), entries }
}

/** The enrolment whose attempt the agent has closed. */
const closedBy = (enrolment: EnrolmentDocument, failed: Failed, now: Date): EnrolmentDocument => {
  const closed = withAttempt(enrolment, failed.attempt, { closed: true })
  return { ...closed, join: { ...closed.join, ...given({ said: agentSaid(failed, now) }) } }
}

/** The agent's last lines with times by our clock: its own may be wrong. */
const agentSaid = ({ attempt, said = [] }: Failed, now: Date): AgentSaid | undefined =>
  said.length === 0
    ? undefined
    : {
        attempt,
        lines: said.map(({ ago, line }) => ({ at: new Date(now.getTime() - ago * 1000).toISOString(), line }))
      }

/** The failure in words. The first line says it all. Agents older than the field `cause` send none. */
const inWords = ({ class: whose, cause, stage, remedy = [], output }: Failed): string => {
  const at = `at: ${stage || 'the start'}`
  const first = cause === undefined ? [`${whose}, ${at}`] : [`${whose}: ${cause}`, at]
  return longText([...first, ...remedy.map((command) => `remedy: ${command}`), ...output].join('\n'))
}

/** Ends the open attempt if its deadline has passed. */
export const decideLapse = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  const open = openAttempt(enrolment)
  if (open === undefined || now < new Date(open.deadline)) return undefined
  return endAttempt(enrolment, 'server', `no Node until the deadline ${open.deadline}`, now)
}

/** Ends the open attempt because its token was not made, and nobody will ask for it again. */
export const decideNoToken = (enrolment: EnrolmentDocument, why: string, now: Date): Decision | undefined =>
  openAttempt(enrolment) && endAttempt(enrolment, 'server', `its token was not made: ${why}`, now)

const endAttempt = (enrolment: EnrolmentDocument, actor: 'agent' | 'server', failure: string, now: Date): Decision => {
  const number = enrolment.join.attempts.length
  const event = number < enrolment.join.lastAttempt ? 'fail' : 'give-up'
  const part = actor === 'server' ? { failure, failedBy: actor } : { failure }
  const ended = withAttempt(moved(enrolment, event, now), number, part)
  const said = failureWords(part)
  return {
    enrolment: event === 'give-up' ? { ...ended, reason: said } : ended,
    entries: [entry(now, actor, event, `attempt ${number}: ${said}`, event === 'give-up')]
  }
}

/** Notes that the agent says that its node is ready, and which certificate the kubelet holds. */
export const decideAgentReady = (
  enrolment: EnrolmentDocument,
  certificate: KubeletCertificate,
  now: Date
): Decision | undefined => {
  if (enrolment.join.agentReady !== undefined) return undefined
  if (!hasClaimed(enrolment) || (isRecovering(enrolment) && openAttempt(enrolment)?.issued === undefined)) {
    throw new ProblemError('illegal-event', { detail: `ready is not possible: the enrolment is ${enrolment.state}` })
  }
  const detail = `kubelet certificate serial ${certificate.serial}, key ${certificate.fingerprint}`
  return {
    enrolment: { ...enrolment, join: { ...enrolment.join, agentReady: { at: now.toISOString(), certificate } } },
    entries: [entry(now, 'agent', 'agent-ready', detail)]
  }
}
