import { ProblemError } from '@joinery/protocol'

/** Seconds after which an agent that does not know the problem may claim again. Others wait until their turn has come. */
const joinsFullRetryAfter = 10

/** Words about a machine that waits: the number of machines that join, and of those that may. */
export const turnWords = ({ joining, atMost }: { joining: number; atMost: number }): string =>
  `waits for its turn: ${joining} of ${atMost} machines join`

/** Makes the problem `joins-full`. `detail`: what the machine waits for, in words. */
export const joinsFull = (detail: string): ProblemError =>
  new ProblemError('joins-full', { detail }, { retryAfter: joinsFullRetryAfter })
