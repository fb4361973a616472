import type { Budgets } from '../core/base/budgets.ts'
import type { Logger } from '../core/base/log.ts'
import type { Random } from '../core/base/random.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { readStateKeys } from '../core/keys/state-keys.ts'
import { type LogKeys, logKeys } from '../core/ports/log/log-keys.ts'
import type { LogObjects } from '../core/ports/log/log-objects.ts'
import type { LogParts } from '../features/high-availability/feature.ts'
import { systemLogClock } from '../features/high-availability/feature.ts'

/** Place of the log of a server, and who asks for it. */
export interface LogPlace {
  config: Pick<ServerConfig, 'state'>
  objects: LogObjects
  /** Id of this process, for people. */
  holder: string
  random: Random
  budgets: Pick<Budgets, 'clusterLog'>
  log: Logger
}

/** The keys of the log that follow from the master keys in the state folder, the newest first. */
export const logKeysOf = async (state: string): Promise<readonly [LogKeys, ...LogKeys[]]> => {
  const { masterKeys } = await readStateKeys(state)
  return masterKeys.all.toReversed().map(({ key }) => logKeys(key)) as [LogKeys, ...LogKeys[]]
}

/** The parts of the work on the log that follow from the state of this server. The newest master key seals, and every one opens. */
export const logPartsOf = async (place: LogPlace): Promise<Omit<LogParts, 'mayGoOn'>> => {
  const { config, objects, holder, random, budgets, log } = place
  return {
    objects,
    keys: await logKeysOf(config.state),
    holder,
    clock: systemLogClock,
    random,
    log,
    budget: budgets.clusterLog
  }
}
