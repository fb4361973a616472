/**
 * What a connection is at:
 * - silent: nothing came yet
 * - waiting: its handshake waits for its first turn
 * - shaking: its handshake has begun
 * - idle: the handshake is done, and no request is open
 * - asking: a request is
 */
export type Step = 'silent' | 'waiting' | 'shaking' | 'idle' | 'asking'

/** One connection, from the moment it is accepted. */
export interface Visitor {
  /** As `addressGroup` gives it. */
  readonly group: string
  step: Step
  /** When the step began, in monotonic milliseconds. */
  since: number
  /** Its key has a live enrolment; where not, it is a stranger. */
  known: boolean
  /** That it proved in the handshake. */
  key?: string
  /** Closes the connection. */
  cut(): void
}
