import type { Remediation, SeenEnrolment } from '@joinery/protocol'
import type { AgentConfig } from '../program/config.ts'

/** Rules for preflight on this machine. */
export interface EffectivePolicy {
  /** The level up to which the agent mends by itself. If it is absent, it is not known yet, and the agent mends nothing. */
  remediate?: Remediation
  /** Names of checks whose failure does not count, each once. */
  ignore: string[]
}

/**
 * The rules of the machine's own configuration and its code together. Whoever can log in on the machine is its
 * administrator, so the machine's `remediate` comes before the code's. What either ignores is ignored. If the machine
 * says nothing, the level is known only when the server has told the code's policy. A code that says nothing means
 * `safe`.
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
