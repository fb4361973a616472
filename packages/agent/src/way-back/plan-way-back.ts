import type { FailureClass, KubeletCertificate, RecoveryReason, SeenEnrolment } from '@joinery/protocol'
import type { RecoveryRecord } from '../journal/recovery-record.ts'
import type { BootstrapCredential, KubeletSight, WayToApi } from '../machine/port/recovering.ts'
import { newerServer } from '../plan/recovery.ts'
import type { Verdict } from './judge-kubelet.ts'

/** Everything that the next step of a way back depends on, observed again for each step. */
export interface Situation {
  sight: KubeletSight
  verdict: Verdict
  record: RecoveryRecord
  /** The server's last answer to this process. Undefined if it was not asked yet. */
  enrolment?: SeenEnrolment | 'none'
  /** The certificate that this process has claimed. A process that starts again claims it again. */
  claimed?: Claimed
  /** The failure that the server is to hear of. */
  failure?: WayBackFailure
  /** True if this process has restarted the kubelet. */
  restarted: boolean
  /** Monotonic milliseconds. */
  now: number
}

/** The credential of the way back, and what is to come of it. */
export interface Claimed {
  attempt: number
  credential: BootstrapCredential
  /** Server and CA that become the kubelet's. */
  way: WayToApi
  /** True if `way` is not what kubelet.conf says, or nothing says it. Then ca.crt is put right, too. */
  renewsAuthority: boolean
  /** The kubelet would take the present certificate for good, or not start with it, and not look at the credential. */
  inTheWay: boolean
  /** Serial of the certificate before. */
  before?: string
  /** Monotonic milliseconds at which the credential is over. */
  until: number
}

/** The reason why an attempt to come back failed. It is reported once nothing of it is left on the machine. */
export interface WayBackFailure {
  attempt: number
  class: FailureClass
  cause: string
}

export type Step =
  | { do: 'finish'; why: string }
  | { do: 'acknowledge'; certificate: KubeletCertificate }
  | { do: 'clear' }
  | { do: 'stop'; end: 'later' | 'failed'; why: string; remedy: string[] }
  | { do: 'ask'; reason: RecoveryReason }
  | { do: 'wait'; reason: string }
  | { do: 'claim' }
  | { do: 'place'; claimed: Claimed }
  | { do: 'remove-certificate' }
  | { do: 'restart' }
  | { do: 'await'; for: string }
  | { do: 'report'; certificate: KubeletCertificate }
  | { do: 'fail'; failure: WayBackFailure }

/**
 * The next step of a way back. Pure, and level-triggered: what lies on the disk and what the API server answers decide,
 * so that there is no other resume code.
 */
export const planWayBack = (situation: Situation): Step => {
  const { sight, claimed, failure } = situation
  if (failure !== undefined) return { do: 'fail', failure }
  if (claimed !== undefined) return planClaimed(claimed, situation)
  return sight.bootstrapConf ? { do: 'clear' } : planVerdict(situation)
}

const planVerdict = ({ sight, verdict, record, enrolment }: Situation): Step => {
  switch (verdict.is) {
    case 'nothing':
      if (record.asked && sight.pem.state === 'whole') {
        return { do: 'acknowledge', certificate: sight.pem.certificate }
      }
      return { do: 'finish', why: verdict.why }
    case 'node-deleted':
      return { do: 'stop', end: 'failed', why: verdict.why, remedy: verdict.remedy }
    case 'unknown':
      return { do: 'stop', end: 'later', why: verdict.why, remedy: verdict.remedy }
    case 'way-back':
    case 'authority-changed':
      return planAsk(reasonOf(verdict), enrolment)
  }
}

/** The reason that the server is told. It has no word of its own for a kubelet.conf that has become useless. */
const reasonOf = (verdict: Extract<Verdict, { is: 'way-back' | 'authority-changed' }>): RecoveryReason =>
  verdict.is === 'way-back' ? verdict.reason : 'unreadable'

const planAsk = (reason: RecoveryReason, enrolment: Situation['enrolment']): Step => {
  if (enrolment === undefined) return { do: 'ask', reason }
  if (enrolment === 'none') return ended('the pairing server does not know this machine')
  const { state, message, recovery } = enrolment
  if (state === 'unknown') return { do: 'wait', reason: newerServer(message) }
  if (recovery === undefined) return ended(message)
  return recovery.state === 'approved' ? { do: 'claim' } : { do: 'wait', reason: message }
}

/** The server ended the way back, or what it was asked for. */
const ended = (why: string): Step => ({ do: 'stop', end: 'failed', why, remedy: [] })

const planClaimed = (claimed: Claimed, { sight, restarted, now }: Situation): Step => {
  const { attempt, inTheWay, before, until } = claimed
  const { pem, api, kubelet } = sight
  const isOld = pem.state !== 'whole' || pem.certificate.serial === before
  if (!isOld && api?.answer === 'http' && api.status === 200) return { do: 'report', certificate: pem.certificate }
  if (now >= until) {
    return { do: 'fail', failure: { attempt, class: 'machine', cause: 'the kubelet got no certificate in time' } }
  }
  // the kubelet has what it needs, and the API server does not show its Node yet
  if (!isOld) return { do: 'await', for: 'the Node' }
  if (!sight.bootstrapConf) return { do: 'place', claimed }
  if (inTheWay && pem.state !== 'missing' && pem.state !== 'dead-link') return { do: 'remove-certificate' }
  // it holds the old certificate in memory, or the old kubelet.conf
  if (kubelet?.state === 'runs' && !restarted) return { do: 'restart' }
  return { do: 'await', for: 'the certificate of the kubelet' }
}
