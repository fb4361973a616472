import Type, { type Static } from 'typebox'
import { verdicts } from './machine.ts'
import { preflightResults } from './preflight-report.ts'

const strict = { additionalProperties: false }

/** One thing that the doctor looked at. If it is no `pass`, it says why the thing matters and what to do. */
export const ClusterFinding = Type.Object(
  {
    name: Type.String({ description: 'stable name of the check' }),
    verdict: Type.Enum([...verdicts]),
    finding: Type.String(),
    why: Type.Optional(Type.String()),
    remedy: Type.Optional(
      Type.Array(Type.String(), {
        description: "lines for an administrator's shell, in order: each is one command, or words after #"
      })
    ),
    hardens: Type.Optional(Type.Boolean({ description: 'true if joinery cluster harden repairs it' }))
  },
  strict
)
export type ClusterFinding = Static<typeof ClusterFinding>

/**
 * The JSON that `joinery cluster doctor -o json` prints. `version` changes if a field goes, or comes to mean
 * something else.
 */
export const ClusterReport = Type.Object(
  {
    version: Type.Literal(1, { description: 'version of this format' }),
    result: Type.Enum([...preflightResults], { description: 'the worst verdict; skipped checks do not count' }),
    cluster: Type.Object(
      { server: Type.String({ description: 'URL of the API server' }), version: Type.String() },
      strict
    ),
    checks: Type.Array(ClusterFinding, { description: 'all checks, in order' })
  },
  strict
)
export type ClusterReport = Static<typeof ClusterReport>
