import { asksOperator, escapeText, next, shortFingerprint } from '@joinery/protocol'
import type { AgentReport } from './agent-report.ts'

/**
 * What the machine's console shows while an operator has to decide, so that they can compare the key. The name is the
 * server's, so its text is escaped. Undefined where nobody has to.
 */
export const approvalLine = ({ enrolment, key }: Pick<AgentReport, 'enrolment' | 'key'>): string | undefined => {
  if (enrolment === undefined || key === undefined || !asksOperator(enrolment)) return undefined
  const what = next(enrolment.state, 'release') === undefined ? 'approval' : 'release'
  const name = escapeText(enrolment.name)
  return `waiting for ${what} as ${name}; key ${shortFingerprint(key)}; compare with: joinery show ${name}`
}
