import Type, { type Static } from 'typebox'
import { Check, passes } from './machine.ts'
import { MachineChange } from './machine-change.ts'

export const preflightResults = ['pass', 'warn', 'fail'] as const
export type PreflightResult = (typeof preflightResults)[number]

/**
 * The JSON that `joinery-agent preflight -o json` prints. `version` changes if a field goes, or comes to mean
 * something else.
 */
export const PreflightReport = Type.Object(
  {
    version: Type.Literal(1, { description: 'version of this format' }),
    result: Type.Enum([...preflightResults], { description: 'the worst verdict; skipped checks do not count' }),
    checks: Type.Array(Check, { description: 'all checks, in order; with --fix their verdicts after the mending' }),
    changes: Type.Optional(Type.Array(MachineChange, { description: 'changes that --fix made, in order' }))
  },
  { additionalProperties: false }
)
export type PreflightReport = Static<typeof PreflightReport>

export const resultOf = (checks: readonly Check[]): PreflightResult => {
  if (!passes(checks)) return 'fail'
  return checks.some(({ verdict }) => verdict === 'warn') ? 'warn' : 'pass'
}
