import { type EnrolmentDetail, escapeText, shortFingerprint } from '@joinery/protocol'

/** One line that says what is being approved. */
export const evidence = ({ name, role, key, address, facts, revision, preflight }: EnrolmentDetail): string => {
  const failing = preflight.filter(({ verdict }) => verdict === 'fail').map((check) => check.name)
  const checks = failing.length > 0 ? `preflight fails: ${failing.join(', ')}` : 'preflight passes'
  return escapeText(
    `${name}: ${role}, key ${shortFingerprint(key)}, seen at ${address}, machine ${facts.machineId}, revision ${revision}, ${checks}`
  )
}
