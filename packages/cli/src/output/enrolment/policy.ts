import type { PreflightPolicy } from '@joinery/protocol'

/** The preflight policy of a code. The machine's configuration decides the rest. */
export const policyRows = (policy: PreflightPolicy | undefined): string[][] => [
  ...(policy?.remediate === undefined ? [] : [['Remediate:', policy.remediate]]),
  ...(policy === undefined || policy.ignore.length === 0 ? [] : [['Ignores:', policy.ignore.join(', ')]])
]
