import type { BoundPod } from '@joinery/protocol'
import { shellWord } from '@joinery/protocol/text/shell-word.ts'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandError, exitCodes } from './errors.ts'
import { kubeconfigOf } from './kubeconfig.ts'
import { kubeconfigOption } from './kubeconfig-option.ts'
import type { Terminal } from './terminal.ts'
import { formatDuration, parseDuration } from './times.ts'

export interface DrainOptions {
  drain: boolean
  /** Seconds. */
  drainTimeout: number
  kubeconfig?: string
}

/** Those of a command that takes a Node away. */
export const addDrainOptions = (command: Command): Command =>
  command
    .option('--no-drain', 'do not evict its Pods first: for a machine that is dead')
    .addOption(
      new Option('--drain-timeout <duration>', 'how long the eviction may take').default(300, '5m').argParser(seconds)
    )
    .addOption(kubeconfigOption())

const seconds = (text: string): number => {
  const given = parseDuration(text)
  if (given !== undefined && given > 0) return given
  throw new InvalidArgumentError('give a duration like 5m or 1h30m.')
}

/** A drain leaves those of DaemonSets, and the static ones, which belong to the Node. */
export const isEvicted = ({ controller }: BoundPod): boolean => controller !== 'DaemonSet' && controller !== 'Node'

/**
 * Evicts the Pods of the Node, by the operator's own rights: the server has none on Pods. `again`: the command that goes on
 * without a drain.
 */
export const drain = async (
  node: string,
  { kubeconfig, drainTimeout }: DrainOptions,
  again: string,
  { err, exec, kubeconfig: environment }: Terminal
): Promise<void> => {
  const { flags } = kubeconfigOf(kubeconfig, environment)
  const timeout = `--timeout=${formatDuration(drainTimeout)}`
  const argv = ['kubectl', ...flags, 'drain', node, '--ignore-daemonsets', '--delete-emptydir-data', timeout]
  err(`${argv.map(shellWord).join(' ')}\n`)
  try {
    await exec(argv)
  } catch (cause) {
    throw cause instanceof Error ? notDrained(node, cause, again) : cause
  }
}

const notDrained = (node: string, cause: NodeJS.ErrnoException, again: string): CommandError => {
  const why = cause.code === 'ENOENT' ? 'there is no kubectl here' : cause.message
  const remedy = `see what holds it up, and run the same command again; if its machine is dead, or drained already: ${again}`
  return new CommandError(exitCodes.failure, `${node} is not drained, and nothing is removed: ${why}`, remedy, {
    cause
  })
}
