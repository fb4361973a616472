/**
 * Header of an answer to an agent about its enrolment, and of each later request of that agent: which revision the server told it last,
 * with a MAC that only the server can make.
 */
export const witnessHeader = 'joinery-witness'

/** The text in a header, which an agent keeps as it is. Undefined if there is none, or none that can be sent back. */
export const witnessIn = (header: unknown): string | undefined =>
  typeof header === 'string' && /^[\w.-]{1,256}$/.test(header) ? header : undefined
