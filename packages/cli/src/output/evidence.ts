import { type EnrolmentDetail, escapeText, shortFingerprint } from '@joinery/protocol'
import { labelAndTaintWords } from './labels-and-taints.ts'

/** One line that says what is being approved. */
export const evidence = (enrolment: EnrolmentDetail): string => {
  const { name, role, key, address, facts, revision, preflight, withoutAgent } = enrolment
  if (withoutAgent) return escapeText(`${name}: ${role}, without an agent, revision ${revision}`)
  const failing = preflight.filter(({ verdict }) => verdict === 'fail').map((check) => check.name)
  const checks = failing.length > 0 ? `preflight fails: ${failing.join(', ')}` : 'preflight passes'
  const shown = [
    `${name}: ${role}`,
    labelAndTaintWords(enrolment),
    `key ${shortFingerprint(key)}`,
    `seen at ${address}`,
    `machine ${facts.machineId}`,
    `revision ${revision}`,
    checks
  ]
  return escapeText(shown.filter(Boolean).join(', '))
}
