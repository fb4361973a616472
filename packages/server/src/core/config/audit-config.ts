import { textLike } from '@joinery/host/config-file'
import Type from 'typebox'

const strict = { additionalProperties: false }

/** Most places that get checkpoints. */
const targetsAtMost = 8

interface Given {
  file?: unknown
  syslog?: unknown
}

/** Settings of the audit log. The log itself is always there. */
export const AuditConfig = Type.Object(
  {
    checkpoints: Type.Array(
      Type.Refine(
        Type.Object(
          {
            file: Type.Optional(
              textLike('the absolute path of a file', (text) => /^\/[^\0]+$/.test(text), {
                description: 'file that gets the newest checkpoint, on a disk that others than root of this host hold'
              })
            ),
            syslog: Type.Optional(
              Type.Literal(true, {
                description: 'with `true`, each checkpoint is a line of syslog, as `joinery-audit`'
              })
            )
          },
          strict
        ),
        ({ file, syslog }: Given) => (file === undefined) !== (syslog === undefined),
        () => 'needs either file or syslog'
      ),
      { maxItems: targetsAtMost }
    )
  },
  strict
)

/** A place that gets checkpoints: one of the two. */
export interface CheckpointTarget {
  file?: string
  syslog?: true
}
