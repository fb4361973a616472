import { setTimeout } from 'node:timers/promises'
import { doublingPause } from '@joinery/host/doubling-pause'
import { type Monotonic, systemMonotonic } from '../../../core/base/clock.ts'

/** The time that the log goes by. */
export interface LogClock {
  monotonic: Monotonic
  sleep(milliseconds: number): Promise<void>
}

/** The clock of this host. Its sleeps keep no process alive. */
export const systemLogClock: LogClock = {
  monotonic: systemMonotonic,
  sleep: (milliseconds) => setTimeout(milliseconds, undefined, { ref: false })
}

/** The pause after so many failures in a row, in milliseconds. */
export const pauseAfter = (failures: number, { pause, pauseAtMost }: { pause: number; pauseAtMost: number }): number =>
  doublingPause(failures, { first: pause, most: pauseAtMost })
