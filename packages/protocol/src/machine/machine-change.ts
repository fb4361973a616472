import Type, { type Static } from 'typebox'

/**
 * One thing that the agent changed on its machine to mend a check. If the agent could not change it, `what` says so.
 */
export const MachineChange = Type.Object(
  {
    check: Type.String({ description: 'name of the check that the change mends' }),
    what: Type.String({ description: 'the changed thing, in words' }),
    before: Type.Optional(Type.String({ description: 'the old value' })),
    after: Type.Optional(Type.String({ description: 'the new value' }))
  },
  { additionalProperties: false }
)
export type MachineChange = Static<typeof MachineChange>
