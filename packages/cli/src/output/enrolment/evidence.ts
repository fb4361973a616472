import { checkNames, escapeText, isRecovering, shortFingerprint } from '@joinery/protocol'
import type { SeenEnrolmentDetail } from '../../operator-client.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { etcdMembers } from '../etcd-members.ts'
import { fold } from '../fold.ts'
import { labelAndTaintWords } from './labels-and-taints.ts'
import { policyWords } from './policy.ts'

/** One line about the thing to approve, and for a control plane another one about etcd. For `err`. */
export const evidence = (enrolment: SeenEnrolmentDetail, { errColumns }: Pick<Terminal, 'errColumns'>): string =>
  fold(`${words(enrolment)}\n`, errColumns === undefined ? {} : { columns: errColumns })

/** One line about the way back, if that is what is asked for. */
const wayBack = (enrolment: SeenEnrolmentDetail): string => {
  const { recovery } = enrolment
  if (!isRecovering(enrolment) || recovery === undefined) return ''
  const { asked, addressBefore, changed, why } = recovery
  const differs = changed.length === 0 ? 'nothing differs from what was approved' : `differs: ${changed.join(', ')}`
  return [
    `its way back: asks from ${asked?.address ?? '<unknown>'}, was at ${addressBefore}, ${differs}`,
    ...(why === undefined ? [] : [why])
  ].join('; ')
}

const words = (enrolment: SeenEnrolmentDetail): string => {
  const { name, role, key, address, facts, revision, preflight, withoutAgent } = enrolment
  if (withoutAgent) return escapeText(`${name}: ${role}, without an agent, revision ${revision}`)
  const failing = preflight.filter(({ verdict }) => verdict === 'fail')
  const checks = failing.length > 0 ? `preflight fails: ${checkNames(failing)}` : 'preflight passes'
  const shown = [
    `${name}: ${role}`,
    labelAndTaintWords(enrolment),
    policyWords(enrolment),
    `key ${shortFingerprint(key)}`,
    `seen at ${address}`,
    `revision ${revision}`
  ]
  const machine = facts.machineId === undefined ? '' : `machine ${facts.machineId}, `
  const claimed = `as the machine claims: ${machine}${checks}`
  const lines = [`${shown.filter(Boolean).join(', ')}; ${claimed}`, etcdMembers(enrolment) ?? '', wayBack(enrolment)]
  return lines.filter(Boolean).map(escapeText).join('\n')
}
