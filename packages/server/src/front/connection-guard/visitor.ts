/**
 * Step of a connection:
 * - silent: nothing came yet
 * - waiting: its handshake waits for its first turn
 * - shaking: its handshake has begun
 * - idle: the handshake is done, and no request is open
 * - asking: a request is open
 */
export type Step = 'silent' | 'waiting' | 'shaking' | 'idle' | 'asking'

/** One connection, from the moment it is accepted. */
export interface Visitor {
  /** Group of the address, from `addressGroup`. */
  readonly group: string
  step: Step
  /** Time at which the step began, in monotonic milliseconds. */
  since: number
  /** True if its key has a live enrolment. If false, the connection is a stranger. */
  known: boolean
  /** Fingerprint of the key that it proved in the handshake. */
  key?: string
  /** Closes the connection. */
  cut(): void
}
