import type { OwnEnrolment, Remediation } from '@joinery/protocol'
import type { AgentConfig } from './config.ts'

/** How preflight is taken on this machine. */
export interface EffectivePolicy {
  remediate: Remediation
  /** Names of checks whose failure is not to count, each once. */
  ignore: string[]
}

/**
 * What the machine's own configuration and its code say together. The machine is the administrator's who can log in there:
 * its `remediate` comes before the code's. What either ignores is ignored.
 */
export const effectivePolicy = (
  { remediate, ignorePreflight = [] }: Pick<AgentConfig, 'remediate' | 'ignorePreflight'>,
  enrolment: Pick<OwnEnrolment, 'policy'> | 'none' | undefined
): EffectivePolicy => {
  const code = typeof enrolment === 'object' ? enrolment.policy : undefined
  return {
    remediate: remediate ?? code?.remediate ?? 'safe',
    ignore: [...new Set([...ignorePreflight, ...(code?.ignore ?? [])])]
  }
}
