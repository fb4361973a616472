import type { MachineChange } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import Type, { type Static } from 'typebox'

/** The verbs for changes of a machine, in the present tense and in the past. */
const past = {
  write: 'wrote',
  change: 'changed',
  load: 'loaded',
  set: 'set',
  enable: 'enabled',
  disable: 'disabled',
  mask: 'masked',
  'turn off': 'turned off',
  restart: 'restarted'
} as const
type Verb = keyof typeof past

const text = Type.String({ maxLength: 8192 })
const strict = { additionalProperties: false }

/** A change before it is made. `object` is the thing that is changed. Verb and object make a sentence. */
export const PlannedChange = Type.Object(
  {
    check: text,
    verb: Type.Enum(Object.keys(past) as Verb[]),
    object: text,
    before: Type.Optional(text),
    after: Type.Optional(text)
  },
  strict
)
export type PlannedChange = Static<typeof PlannedChange>

/** A change in the journal. `begun`: it is being made, or the power was cut meanwhile. `problem`: why it failed. */
export const ChangeRecord = Type.Object(
  {
    ...PlannedChange.properties,
    state: Type.Enum(['begun', 'made', 'failed']),
    problem: Type.Optional(text)
  },
  strict
)
export type ChangeRecord = Static<typeof ChangeRecord>

export const isSameChange = (one: PlannedChange, other: PlannedChange): boolean =>
  (['check', 'verb', 'object', 'before', 'after'] as const).every((key) => one[key] === other[key])

/** Describes a change for a person. */
export const describeChange = ({
  check,
  verb,
  object,
  before,
  after,
  state,
  problem
}: ChangeRecord): MachineChange => ({
  check,
  what: {
    begun: `began to ${verb} ${object}, and was interrupted: it may be done`,
    made: `${past[verb]} ${object}`,
    failed: `could not ${verb} ${object}: ${problem}`
  }[state],
  ...given({ before, after })
})
