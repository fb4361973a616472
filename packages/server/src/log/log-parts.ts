import type { Logger } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { LogBudget } from './budget.ts'
import type { LogClock } from './log-clock.ts'
import type { LogKeys } from './log-keys.ts'
import type { LogObjects } from './log-objects.ts'

/** Everything that work on the log needs. */
export interface LogParts {
  objects: LogObjects
  /** Keys of the log, the newest first. It seals with the newest, and opens with any of them. */
  keys: readonly [LogKeys, ...LogKeys[]]
  /** Name of this server, for people. */
  holder: string
  clock: LogClock
  random: Random
  log: Logger
  budget: LogBudget
  /** True if this server surely holds the lease still. It is asked before each request. */
  mayGoOn(): boolean
}
