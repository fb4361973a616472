import type { Logger } from '../../../core/base/log.ts'
import type { Random } from '../../../core/base/random.ts'
import type { LogKeys } from '../../../core/ports/log/log-keys.ts'
import type { LogObjects } from '../../../core/ports/log/log-objects.ts'
import type { LogBudget } from './budget.ts'
import type { LogClock } from './log-clock.ts'

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
