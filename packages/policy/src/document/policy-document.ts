import { textLike } from '@joinery/host/config-file'
import { roles } from '@joinery/protocol'
import Type, { type Static } from 'typebox'
import { limits } from '../words/limits.ts'

const strict = { additionalProperties: false }

export const modes = ['off', 'warn', 'enforce'] as const
export const verdicts = ['approve', 'hold', 'reject'] as const
export type Verdict = (typeof verdicts)[number]

export const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const name = (text: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
const timeOfDay = (description: string) =>
  textLike('a time like 08:00', (text) => /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(text), { description })

/** Window of time in which a rule counts, in UTC. One that ends before it begins goes over midnight. */
export const Between = Type.Object(
  {
    from: timeOfDay('time of day at which the window begins, such as `08:00`, in UTC'),
    to: timeOfDay('time of day at which it ends; if that is before `from`, on the next day'),
    days: Type.Optional(
      Type.Array(Type.Enum([...days]), {
        minItems: 1,
        description: `list of days on which the window begins, of ${days.map((day) => `\`${day}\``).join(', ')}; all if absent`
      })
    )
  },
  strict
)
export type Between = Static<typeof Between>

export const RuleDocument = Type.Object(
  {
    name: textLike('lower-case letters, digits and dashes', name, {
      description: 'name of the rule, which the timeline has: lower-case letters, digits and dashes'
    }),
    when: Type.String({
      minLength: 1,
      maxLength: limits.expression,
      description: 'expression in CEL; the rule holds if it is true'
    }),
    verdict: Type.Enum([...verdicts], { description: 'what becomes of a machine for which the rule holds' }),
    roles: Type.Optional(
      Type.Array(Type.Enum([...roles]), {
        minItems: 1,
        description:
          'list of the roles for which the rule counts, of `worker` and `control-plane`; if absent, an approval is for workers, and another verdict for both'
      })
    ),
    quota: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'number of machines that the rule approves in an hour of the clock at most; the next one is held'
      })
    ),
    between: Type.Optional(Between),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'reason that a rejected machine is told; without it, the name of the rule'
      })
    )
  },
  strict
)
export type RuleDocument = Static<typeof RuleDocument>

export const InventoryDocument = Type.Object(
  {
    values: Type.Optional(
      Type.Array(Type.String({ maxLength: limits.value }), {
        maxItems: limits.values,
        description: 'list of serial numbers, MAC addresses, UUIDs or keys'
      })
    ),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description:
          'file with one value a line; a line that begins with `#` is a comment; the path begins at the folder of the policy'
      })
    )
  },
  strict
)
export type InventoryDocument = Static<typeof InventoryDocument>

/** Schema of /etc/joinery/policy.yaml */
export const PolicyDocument = Type.Object(
  {
    mode: Type.Enum([...modes], {
      description:
        '`off`: nothing is decided; `warn`: the timeline says what would be decided; `enforce`: the server decides'
    }),
    inventories: Type.Optional(
      Type.Record(Type.String(), InventoryDocument, {
        maxProperties: limits.inventories,
        description: 'lists by name'
      })
    ),
    rules: Type.Array(RuleDocument, {
      maxItems: limits.rules,
      description: 'list of rules; the first one that holds decides; if none holds, the machine waits for an operator'
    })
  },
  strict
)
export type PolicyDocument = Static<typeof PolicyDocument>
export type Mode = PolicyDocument['mode']

export const isInventoryName = name
