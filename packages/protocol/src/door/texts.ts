import Type from 'typebox'

/** Bound of a text that a person reads, in characters. */
const textLimit = 512

/** Schema of a text that is safe on a terminal: it has no control characters, and none that turn the direction of writing. */
export const plainText = (description: string, maxLength = textLimit) =>
  Type.String({ maxLength, pattern: '^[^\\p{C}]*$', description })

/** Schema of a time in RFC 3339. */
export const timeOf = (description: string) => Type.String({ format: 'date-time', maxLength: 40, description })

/** Schema of a problem code. */
export const problemCode = (description: string) => Type.String({ maxLength: 64, pattern: '^[a-z-]+$', description })

/** Schema of the id of an enrolment, as the server makes it: a UUID in lower case. */
export const enrolmentId = Type.String({
  maxLength: 36,
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'id of the enrolment, which is the name of its Enrolment'
})

/** Schema of a UID that the API server gave to an object. */
export const uidOf = (description: string) =>
  Type.String({ maxLength: 64, pattern: '^[0-9A-Za-z-]{1,64}$', description })

/** Schema of a key's fingerprint. It is empty if there is no agent. */
export const keyOf = (description: string) =>
  Type.String({ maxLength: 71, pattern: '^(sha256:[0-9a-f]{64})?$', description })

/** Schema of a user's name in Kubernetes, as the API server states it. That of a ServiceAccount has up to 338 characters. */
export const username = plainText('name of the Kubernetes user who asks; the API server refuses any other', 512)

/** Schema of a list of checks by their names. */
export const checkNames = (description: string, maxItems = 40) =>
  Type.Array(Type.String({ maxLength: 64, pattern: '^[a-z0-9-]*$', description: 'name of a check' }), {
    maxItems,
    description
  })

/** Schema of a list of facts that differ. */
export const changedFacts = (description: string, maxItems: number) =>
  Type.Array(Type.String({ maxLength: 32, pattern: '^[A-Za-z]*$', description: 'name of a fact' }), {
    maxItems,
    description
  })
