import { existsSync } from 'node:fs'
import { given } from '@joinery/protocol/given'
import { type Command, Option } from 'commander'
import type { OperatorClient } from '../operator-client.ts'
import { type Kubeconfig, kubeconfigOf } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { clientBehind } from './client-behind.ts'
import { type Door, decideDoor, defaultSocket, type Named } from './which-door.ts'

/**
 * Output formats. `table` and `wide` are for people. `json`, `yaml` and `name` print the server's answer and nothing
 * for people. `joinery cloud-init` prints text for machines.
 */
export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'name' | 'user-data' | 'iso'

export const isForPeople = (format: Format): boolean => format === 'table' || format === 'wide'

/** The surroundings of a command that talks to the server. */
export interface Session {
  client: OperatorClient
  terminal: Terminal
  format: Format
  /** Kubeconfig of the command's cluster: that of the door, else an administrator's. */
  kubeconfig: Kubeconfig
  /** Flags with which kubectl finds the cluster of the command. */
  kubectl: readonly string[]
}

/** The `--output` option. Every command with `table` takes `wide` too, and prints the same if there is no more. */
export const outputOption = (...formats: Extract<Format, 'json' | 'yaml' | 'name'>[]) =>
  new Option('-o, --output <format>', 'output format').choices(['table', 'wide', ...formats]).default('table')

/** Adds the options that name the door and what to trust behind it. Every command takes them. */
export const addDoorOptions = (program: Command): Command =>
  program
    .option('--socket <path>', "the pairing server's socket, for root on its host", defaultSocket)
    .option('--kubeconfig <path>', 'kubeconfig of a cluster, to go there over the Kubernetes API with your own rights')
    .option('--context <name>', 'context of the kubeconfig, to go to its cluster')
    .addOption(
      new Option(
        '--accept-pin <pin>',
        "new pin of the cluster's pairing server, if its keys were made again (joinery-server init printed it)"
      )
    )

/** Values of the options that every command takes. */
interface Globals extends Named {
  acceptPin?: string
  color: boolean
  output: Format
}

/** The door that the command line names, or that is the nearest one here. `named`: its options as they were typed. */
export const doorOf = (named: Named, terminal: Terminal): Door =>
  decideDoor(named, {
    isRoot: terminal.root === true,
    environment: terminal.kubeconfig,
    home: terminal.home,
    exists: existsSync
  })

/**
 * Does `work` with a connection to the door that `command` names, and closes it. `timeout`: longest time for an answer, in
 * milliseconds.
 */
export const inSession = async (
  command: Command,
  terminal: Terminal,
  work: (session: Session) => Promise<void>,
  { timeout }: { timeout?: number } = {}
): Promise<void> => {
  const { socket, kubeconfig, context, acceptPin, color, output } = command.optsWithGlobals<Globals>()
  const isTyped = command.getOptionValueSourceWithGlobals('socket') !== 'default'
  const door = doorOf(given({ socket: isTyped ? socket : undefined, kubeconfig, context }), terminal)
  const client = await clientBehind(door, terminal, { acceptPin, ...given({ timeout }) })
  const found = door.to === 'cluster' ? door.kubeconfig : kubeconfigOf({}, terminal.kubeconfig)
  try {
    await work({
      client,
      terminal: { ...terminal, colour: terminal.colour && color },
      format: output,
      kubeconfig: found,
      kubectl: found.flags
    })
  } finally {
    await client.close()
  }
}
