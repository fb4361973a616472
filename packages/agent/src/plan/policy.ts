import type { Remediation, SeenEnrolment } from '@joinery/protocol'
import type { AgentConfig } from '../program/config.ts'

/** How preflight is taken on this machine. */
export interface EffectivePolicy {
  /** What the agent mends by itself; absent where that is not known yet: then it mends nothing. */
  remediate?: Remediation
  /** Names of checks whose failure is not to count, each once. */
  ignore: string[]
}

/**
 * What the machine's own configuration and its code say together. The machine is the administrator's who can log in there:
 * its `remediate` comes before the code's. What either ignores is ignored. Where the machine says nothing, what may be mended is
 * known when the server has told the policy of its code, and no sooner; a code that says nothing means `safe`.
 */
export const effectivePolicy = (
  { remediate, ignorePreflight = [] }: Pick<AgentConfig, 'remediate' | 'ignorePreflight'>,
  enrolment: Pick<SeenEnrolment, 'policy'> | 'none' | undefined
): EffectivePolicy => {
  const enrolled = typeof enrolment === 'object'
  const code = enrolled ? enrolment.policy : undefined
  const level = remediate ?? (enrolled ? (code?.remediate ?? 'safe') : undefined)
  return {
    ...(level && { remediate: level }),
    ignore: [...new Set([...ignorePreflight, ...(code?.ignore ?? [])])]
  }
}
