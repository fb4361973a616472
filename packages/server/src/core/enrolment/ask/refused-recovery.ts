import { hasJoined, isRecovering, type ProblemCode, type RecoverPolicy, recoveriesAYear } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { RecoveryDocument } from '../../ports/store/documents/recovery-document.ts'
import { approvedFacts } from '../facts/shown.ts'
import { conflictOf } from '../name/whose-name.ts'
import { bansItsName } from '../node/certificate-ban.ts'
import { otherMachine } from '../node/unwanted-node.ts'
import { heardTable, judgeHeard, type LeaseSight, leaseWords } from './judge-heard.ts'

/** Findings of one look about the name of a machine that asks for the way back. */
export interface RecoverySight {
  /** The Node of the name. */
  node: ClusterNode | undefined
  /** True if the name is on the ban list, for whatever reason. */
  banned: boolean
  /** The enrolments of that name in order of creation. */
  named: readonly EnrolmentDocument[]
  /** Policy of the server, if the enrolment's code has none. */
  policy: RecoverPolicy
  /** The Lease of the Node. Absent if nobody looked at it: diagnosis is off. */
  lease?: LeaseSight
  /** Time by the clock of the cluster. That of this host if absent. */
  clusterNow?: Date
}

/** Reason why a way back is refused. `kind` is what an alert is told once a day for. */
export interface RecoveryRefusal {
  kind: string
  code: Extract<ProblemCode, 'recovery-refused' | 'recovery-not-needed' | 'recovery-not-yet' | 'node-gone'>
  detail: string
  remedy?: string
  /** True if an operator must hear of it: whoever asks is perhaps not the machine. */
  alert: boolean
  /** Seconds after which the machine may ask again. */
  retryAfter?: number
}

/** The policy for the machine of an enrolment: that of its code, else that of the server. */
export const recoverPolicyOf = (
  { terms: { recover } }: Pick<EnrolmentDocument, 'terms'>,
  server: RecoverPolicy
): RecoverPolicy => recover ?? server

type Judge = (enrolment: EnrolmentDocument, sight: RecoverySight) => Omit<RecoveryRefusal, 'kind'> | undefined

const refused = (detail: string, more: { remedy?: string; alert?: boolean } = {}) => {
  const { remedy, alert = true } = more
  return { code: 'recovery-refused' as const, detail, alert, ...given({ remedy }) }
}

/** Everything because of which nobody may come back by an enrolment, whoever asks. The first reason counts. */
const judges: Readonly<Record<string, Judge>> = {
  state: (enrolment) =>
    hasJoined(enrolment) ? undefined : refused(`the enrolment of ${enrolment.name} is ${enrolment.state}`),
  frozen: ({ name, recovery }) =>
    recovery?.state === 'frozen'
      ? refused('two machines asked with one key: an operator has to look', {
          remedy: `on the server, as an operator: joinery show ${name}`,
          alert: false
        })
      : undefined,
  rejected: ({ name, recovery }) =>
    recovery?.state === 'refused'
      ? refused(`an operator refused it: ${recovery.why}`, {
          remedy: `on the server, as an operator: joinery retry ${name}`,
          alert: false
        })
      : undefined,
  policy: (enrolment, { policy }) =>
    recoveriesAYear(recoverPolicyOf(enrolment, policy)) === undefined
      ? refused('the policy of its code or of the server is never', {
          remedy: `remove it, and let it join again: joinery remove ${enrolment.name}`,
          alert: false
        })
      : undefined,
  banned: (enrolment, { banned }) =>
    banned || bansItsName(enrolment) ? refused(`the name ${enrolment.name} is banned`) : undefined,
  replaced: (enrolment, { named }) => {
    const other = conflictOf(enrolment, named)
    return other === undefined
      ? undefined
      : refused(`another machine waits for the name ${enrolment.name}: ${other}`, {
          remedy: `on the server, as an operator: joinery list --name ${enrolment.name}`
        })
  },
  gone: ({ name }, { node }) =>
    node === undefined
      ? {
          code: 'node-gone',
          detail: `the Node ${name} was deleted, and a way back brings back no Node`,
          remedy: `let the machine join again, on the server: joinery remove ${name}; joinery code create --name ${name}`,
          alert: false
        }
      : undefined,
  'other-node': (enrolment, { node }) => {
    const other = node && otherMachine(enrolment, node)
    return other === undefined ? undefined : refused(other)
  }
}

/** Reason why the machine of this enrolment must not come back, judged by the server's own record and by the cluster. */
export const refusedRecovery = (enrolment: EnrolmentDocument, sight: RecoverySight): RecoveryRefusal | undefined => {
  for (const [kind, judge] of Object.entries(judges)) {
    const found = judge(enrolment, sight)
    if (found !== undefined) return { kind, ...found }
  }
  return undefined
}

/** True if the cluster calls the Node Ready, and its Lease says that no kubelet is heard. */
export const isSilentlyReady = (sight: Pick<RecoverySight, 'node' | 'lease' | 'clusterNow'>, now: Date): boolean =>
  sight.node?.ready === 'True' && judgeHeard(sight, sight.clusterNow ?? now) === 'silent'

/**
 * Reason why nobody needs the way back: the Node is Ready, and its kubelet is heard, so whoever asks is a copy of the machine. A
 * kubelet that has just ended looks the same for up to a minute. The first ask is told to come again, and nobody is alerted. An
 * attempt that is open brings the Node back before its agent says so.
 */
export const neededByNobody = (
  enrolment: EnrolmentDocument,
  sight: Pick<RecoverySight, 'node' | 'lease' | 'clusterNow'>,
  now: Date
): RecoveryRefusal | undefined => {
  const { node, lease } = sight
  const { name, recovery } = enrolment
  if (node?.ready !== 'True' || (isRecovering(enrolment) && recovery?.attempt !== undefined)) return undefined
  // an ask is taken only if the Node is not Ready, or is Ready and silent
  const becameReady = isRecovering(enrolment) && recovery?.silent !== true
  const heard = judgeHeard({ lease, firstAsk: firstAskOf(recovery, node), becameReady }, sight.clusterNow ?? now)
  if (heard === 'silent') return undefined
  const words = `its Lease: ${leaseWords(lease)}`
  return heard === 'heard'
    ? {
        kind: 'ready',
        code: 'recovery-not-needed',
        detail: `the Node ${name} is Ready, so its kubelet has a certificate: whoever asks is a copy of the machine; ${words}`,
        alert: true
      }
    : {
        kind: notYet,
        code: 'recovery-not-yet',
        detail: `the Node ${name} is still Ready: the cluster notices within a minute that its kubelet ended; ${words}`,
        alert: false,
        retryAfter: heardTable.again / 1000
      }
}

/** Kind of a refusal after which the machine asks again. When it was told is when it asked first. */
export const notYet = 'not-yet'

/** When the machine asked first, by the clock of the cluster. Undefined if it did not, or the Node was not Ready at some time since. */
export const firstAskOf = (
  recovery: RecoveryDocument | undefined,
  { since }: Pick<ClusterNode, 'since'>
): Date | undefined => {
  const told = recovery?.told?.[notYet]
  const first = told === undefined ? undefined : new Date(told)
  return first === undefined || (since !== undefined && since > first) ? undefined : first
}

/** Reason why the machine that asks is not the one that was approved, by its own words. */
export const askedByAnother = (
  enrolment: EnrolmentDocument,
  { machineId, productUuid }: Pick<EnrolmentDocument['facts'], 'machineId' | 'productUuid'>
): RecoveryRefusal | undefined => {
  const approved = approvedFacts(enrolment)
  const differs =
    machineId !== approved.machineId
      ? `machine id ${machineId || '<none>'}, and ${approved.machineId} was approved`
      : productUuid.toLowerCase() !== approved.productUuid.toLowerCase()
        ? `system UUID ${productUuid || '<none>'}, and ${approved.productUuid || '<none>'} was approved`
        : undefined
  return differs === undefined
    ? undefined
    : { kind: 'other-machine', ...refused(`the machine that asks has ${differs}`) }
}
