/** Header of an agent's requests: the next pin, if the agent keeps it for good. */
export const knownPinHeader = 'joinery-known-pin'

/** The pin in a header. Undefined if there is none, or it is none. */
export const readPin = (header: unknown): string | undefined =>
  typeof header === 'string' && /^sha256:[0-9a-f]{64}$/.test(header) ? header : undefined
