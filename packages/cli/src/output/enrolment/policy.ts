import type { PreflightPolicy } from '@joinery/protocol'

/** How preflight is taken with a code; what it leaves open the machine's configuration decides. */
export const policyRows = (policy: PreflightPolicy | undefined): string[][] => [
  ...(policy?.remediate === undefined ? [] : [['Remediate:', policy.remediate]]),
  ...(policy === undefined || policy.ignore.length === 0 ? [] : [['Ignores:', policy.ignore.join(', ')]])
]
