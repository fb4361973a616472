import { CommandEnd } from '@joinery/host/command-end'
import { type BoundPod, isNodeName } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { exitCodes } from '../terminal/errors.ts'
import { type Kubectl, kubectl } from '../terminal/kubectl.ts'
import { formatDuration, parseDuration } from '../terminal/times.ts'

export interface DrainOptions {
  drain: boolean
  /** Time limit of the drain, in seconds. */
  drainTimeout: number
}

/** Adds the options of a command that takes a Node away. */
export const addDrainOptions = (command: Command): Command =>
  command
    .option('--no-drain', 'do not evict the Pods first; for a dead machine')
    .addOption(
      new Option('--drain-timeout <duration>', 'time limit for the eviction').default(300, '5m').argParser(seconds)
    )

const seconds = (text: string): number => {
  const given = parseDuration(text)
  if (given !== undefined && given > 0) return given
  throw new InvalidArgumentError('give a duration like 5m or 1h30m.')
}

/** True for a Pod that a drain leaves: one of a DaemonSet, and a static one, which belongs to the Node. */
export const isEvicted = ({ controller }: BoundPod): boolean => controller !== 'DaemonSet' && controller !== 'Node'

/**
 * Evicts the Pods of the Node with the operator's own rights: the server has none on Pods. `again`: the command that
 * goes on without a drain.
 */
export const drain = async (
  node: string,
  { drainTimeout }: DrainOptions,
  again: string,
  here: Kubectl
): Promise<void> => {
  // kubectl takes a word that begins with a dash for a flag
  if (!isNodeName(node))
    throw new CommandEnd(exitCodes.failure, `no Node can have the name ${node}: nothing is drained`)
  const timeout = `--timeout=${formatDuration(drainTimeout)}`
  try {
    await kubectl(['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', timeout], here)
  } catch (cause) {
    const { message } = cause as Error
    const remedy = `see what holds it up, and run the same command again; if its machine is dead, or drained already: ${again}`
    throw new CommandEnd(exitCodes.failure, `${node} is not drained, and nothing is removed: ${message}`, remedy, {
      cause
    })
  }
}
