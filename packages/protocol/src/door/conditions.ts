import Type, { type Static } from 'typebox'
import { plainText, timeOf } from './texts.ts'

/** Types of the conditions of each kind. A newer server may write one that an older program does not know. */
export const conditionTypes = ['Approved', 'Joined', 'Ready', 'Stalled', 'Applied', 'Accepted'] as const
export type ConditionType = (typeof conditionTypes)[number]

const observedGeneration = Type.Integer({
  minimum: 0,
  description: 'generation of the object (metadata.generation) for which the server wrote it'
})

/** A condition by the API conventions of Kubernetes (`metav1.Condition`). */
export const Condition = Type.Object(
  {
    type: Type.String({ maxLength: 64, pattern: '^[A-Z][A-Za-z]*$', description: 'what the condition is about' }),
    status: Type.Enum(['True', 'False', 'Unknown'], { description: 'whether it holds' }),
    reason: Type.String({ maxLength: 64, pattern: '^[A-Z][A-Za-z]*$', description: 'why, in one word for programs' }),
    message: plainText('the same in words for a person; may be empty'),
    lastTransitionTime: timeOf('time at which the status became what it is'),
    observedGeneration: Type.Optional(observedGeneration)
  },
  { description: 'one thing that holds or does not' }
)
export type Condition = Static<typeof Condition>

/** Fields of every status. They are absent if a server of an earlier version wrote it. */
export const conditionFields = {
  observedGeneration: Type.Optional(observedGeneration),
  conditions: Type.Optional(
    Type.Array(Condition, {
      maxItems: 8,
      description: 'state for programs that know nothing of Joinery, such as kubectl wait',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type']
    })
  )
}
