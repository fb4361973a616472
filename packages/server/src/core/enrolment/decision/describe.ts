import { checkNames, controlPlaneLabels, passes } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { failureWords } from '../facts/attempts.ts'
import { lacksPlugin, serviceWords } from '../facts/node.ts'
import { uniqueMachine } from '../unique/judge-unique.ts'
import { lacksLabels } from './labels-and-taints.ts'

interface Telling {
  /** Reason why the cluster is out of reach. */
  trouble?: string | undefined
  /** True if names of other machines may be told. */
  names: boolean
  /** True if nothing may be told that changes again and again, or counts attempts: neither a kubelet's words nor a number. */
  steady?: boolean
  /** Reason why an approved machine waits, if others have to join before it. */
  turn?: string | undefined
}

/** Describes what an enrolment waits for, or why it ended, in one line for a person. */
export const describe = (enrolment: EnrolmentDocument, telling: Telling): string => {
  const said = describeState(enrolment, telling)
  return enrolment.pruned === undefined ? said : `${said}; its evidence was deleted at ${enrolment.pruned}`
}

const describeState = (enrolment: EnrolmentDocument, { trouble, names, steady = false, turn }: Telling): string => {
  const cluster = trouble === undefined ? '' : `; ${trouble}`
  const failing = enrolment.preflight.filter((check) => check.verdict === 'fail')
  const shared = names ? failing.find(({ name }) => name === uniqueMachine) : undefined
  const because = shared === undefined ? '' : ` (${shared.finding})`
  const preflight = passes(enrolment.preflight) ? '' : `preflight fails: ${checkNames(failing)}${because}`
  switch (enrolment.state) {
    case 'pending':
      return ['waiting for approval', preflight].filter(Boolean).join('; ')
    case 'approved':
      return (
        (preflight
          ? `approved, waits until ${preflight.replace('fails', 'passes')}`
          : `approved, ${turn ?? waitsFor(enrolment)}`) +
        lastFailure(enrolment, steady) +
        cluster
      )
    case 'joining':
      return describeJoining(enrolment) + cluster
    case 'joined':
      return describeJoined(enrolment, steady, names) + describeKept(enrolment) + cluster
    case 'ready':
      return describeReady(enrolment, steady, names) + describeKept(enrolment) + serviceWords(enrolment)
    case 'recovering':
      return describeRecovering(enrolment) + cluster
    case 'frozen':
    case 'failed':
    case 'rejected':
      return `${enrolment.state}: ${enrolment.reason?.split('\n')[0] ?? 'no reason given'}`
    case 'expired':
      return 'expired: nobody acted in time'
    case 'removed': {
      const { condition = 'Gone' } = enrolment.node ?? {}
      return condition === 'Gone' ? 'removed' : `removed; its Node goes as soon as the cluster allows it${cluster}`
    }
  }
}

const describeReady = (enrolment: EnrolmentDocument, steady: boolean, names: boolean): string => {
  const { cause } = enrolment.diagnosis
  // a view shows the cause by itself, and a cause may name another Node
  const now = cause === undefined || steady || !names ? '' : `; its Node is not Ready now: ${cause.text}`
  return `${describeOnceReady(enrolment)}${now}`
}

const describeOnceReady = ({ reason, join: { confirmed, agentReady }, withoutAgent }: EnrolmentDocument): string => {
  // only an event that took its Node away sets a reason
  if (reason !== undefined) return `ready, but ${reason}`
  if (confirmed) return 'ready'
  if (withoutAgent) return 'ready, without an agent'
  return `ready, not confirmed${agentReady ? ': the certificate that was issued is not known' : ' by the agent'}`
}

/** Describes a join. The server knows of kubeadm's stages only what the machine says. */
const describeJoining = (enrolment: EnrolmentDocument): string => {
  const { role, withoutAgent } = enrolment
  const { agentReady, attempts } = enrolment.join
  if (role === 'control-plane' && agentReady !== undefined) return unmarked(enrolment)
  if (withoutAgent) return `joining: the join command is good until ${attempts.at(-1)?.deadline}`
  const stage = attempts.at(-1)?.stage
  return stage === undefined ? 'joining: credential claimed' : `joining, as the machine reports it: ${stage}`
}

/** Describes a control plane without its mark: kubeadm was killed, or the power was cut, when only the mark was left to do. */
const unmarked = ({ name }: EnrolmentDocument): string =>
  `joining: its Node is not marked as a control plane: kubectl label node ${name} ${controlPlaneLabels[0]}=, and taint it`

/** Describes what an approved machine waits for. A control plane waits for its agent only once root has granted it the keys. */
const waitsFor = ({ name, role, join: { grant } }: EnrolmentDocument): string => {
  if (role === 'worker') return 'waiting for the agent'
  return grant === undefined
    ? `waiting for root on a control-plane host: sudo joinery grant ${name}`
    : `granted until ${grant.until}, waiting for the agent`
}

const lastFailure = (enrolment: EnrolmentDocument, steady: boolean): string => {
  const attempt = enrolment.join.attempts.at(-1)
  return attempt?.failure === undefined
    ? ''
    : `; ${steady ? 'the last attempt' : `attempt ${attempt.number}`} failed: ${failureWords(attempt).split('\n')[0]}`
}

// causes that say in other words that the machine waits for the network plugin
const saidByWaiting = new Set<string | undefined>(['cni-missing', 'plugin-missing'])

const describeJoined = (enrolment: EnrolmentDocument, steady: boolean, names: boolean): string => {
  const { node, reason } = enrolment
  const { agentReady } = enrolment.join
  const { cause } = enrolment.diagnosis
  if (reason !== undefined) return `joined, but ${reason}`
  if (node?.condition === 'Gone') return 'joined, but its Node was deleted'
  if (node?.condition === 'Ready' && lacksLabels(enrolment))
    return 'joined, Node Ready, waiting for its labels and taints'
  if (node?.condition === 'Ready')
    return `joined, Node Ready, waiting for ${agentReady ? 'the certificate' : 'the agent'}`
  const waitsForPlugin = lacksPlugin(node?.message ?? '')
  const isKnown = waitsForPlugin && saidByWaiting.has(cause?.code)
  // a view shows the cause by itself, and a cause may name another Node
  if (cause !== undefined && !isKnown && !steady && names) return `joined, Node not Ready: ${cause.text}`
  if (waitsForPlugin) return 'joined, waiting for the network plugin'
  return `joined, Node not Ready${steady ? '' : `: ${node?.message || 'no status yet'}`}`
}

/** Describes what a machine on the way back waits for, in one line for a person. */
const describeRecovering = ({ name, recovery, certificates: { seen } }: EnrolmentDocument): string => {
  const { asked, attempt, state } = recovery ?? {}
  const until = seen?.notAfter ?? asked?.notAfter
  const was = `it was ${name}${until === undefined ? '' : ` until ${until}`}`
  if (attempt !== undefined) return `recovering: ${was}; its kubelet gets a new certificate`
  return state === 'approved'
    ? `recovering, approved: ${was}; waiting for the agent`
    : `recovering: ${was}, and waits for approval`
}

/** Describes the refusal or freeze that keeps a machine from the way back, to be put after the state. Empty if nothing does. */
const describeKept = ({ recovery }: EnrolmentDocument): string => {
  if (recovery?.state === 'frozen') return '; its way back is frozen: two machines asked with one key'
  return recovery?.state === 'refused' ? `; its way back is refused: ${recovery.why?.split('\n')[0]}` : ''
}
