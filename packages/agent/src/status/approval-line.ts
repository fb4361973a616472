import { asksOperator, escapeText, next, shortFingerprint } from '@joinery/protocol'
import type { AgentReport } from './agent-report.ts'

/**
 * The line that the machine's console shows while an operator has to decide, so that the operator can compare the
 * key. The server chose the name, so its text is escaped. Undefined if nobody has to decide.
 */
export const approvalLine = ({ enrolment, key }: Pick<AgentReport, 'enrolment' | 'key'>): string | undefined => {
  if (enrolment === undefined || key === undefined || !asksOperator(enrolment)) return undefined
  const what = next(enrolment.state, 'release') === undefined ? 'approval' : 'release'
  const name = escapeText(enrolment.name)
  return `waiting for ${what} as ${name}; key ${shortFingerprint(key)}; compare with: joinery show ${name}`
}
