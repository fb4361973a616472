import { existsSync } from 'node:fs'
import { given } from '@joinery/protocol/given'
import { type Command, Option } from 'commander'
import type { OperatorClient } from '../operator-client.ts'
import { type Kubeconfig, kubeconfigOf } from '../terminal/kubeconfig.ts'
import type { Surroundings, Terminal } from '../terminal/terminal.ts'
import { clientBehind } from './client-behind.ts'
import { outputOf, type Printing, readOutput } from './output-option.ts'
import { paged, terminalFor } from './screen-options.ts'
import { type Around, type Door, decideDoor, defaultSocket, type Named } from './which-door.ts'

export { type Format, isForPeople, outputOption } from './output-option.ts'

/** The surroundings of a command that talks to the server. */
export interface Session extends Printing {
  client: OperatorClient
  /** The way that the client goes. */
  door: Door
  terminal: Terminal
  /** False if tables have no headers. */
  headers: boolean
  /** True if a document is one of many, each on a line of its own if its format can do that. */
  streams?: true
  /** Kubeconfig of the command's cluster: that of the door, else an administrator's. */
  kubeconfig: Kubeconfig
  /** Flags with which kubectl finds the cluster of the command. */
  kubectl: readonly string[]
}

/** Adds the options that name the door and what to trust behind it. Every command takes them. */
export const addDoorOptions = (program: Command): Command =>
  program
    .option(
      '--socket <path>',
      "the pairing server's socket, for root on its host (default without it: JOINERY_SOCKET of the environment)",
      defaultSocket
    )
    .option('--kubeconfig <path>', 'kubeconfig of a cluster, to go there over the Kubernetes API with your own rights')
    .option('--context <name>', 'context of the kubeconfig, to go to its cluster')
    .option('--allow-exec', 'let a program that the kubeconfig names to log in run as root; other users need no option')
    .addOption(
      new Option(
        '--pin <pin>',
        "pin of the cluster's pairing server, as joinery status on its host shows it (default without it: JOINERY_PIN of the environment, or pin: in .joinery.yaml here)"
      )
    )

/** Values of the options that every command takes. */
interface Globals {
  pin?: string
  headers: boolean
  output?: string
}

/** The door that the command line names, or that is the nearest one here. `named`: its options as they were typed. */
export const doorOf = (named: Named, terminal: Surroundings): Door => decideDoor(named, aroundOf(terminal))

/** The things around a command that decide about its way. */
export const aroundOf = ({ root, kubeconfig, socket, home }: Surroundings): Around => ({
  isRoot: root === true,
  environment: kubeconfig,
  socket,
  home,
  exists: existsSync
})

/** The options that name the way of a command, as they were typed. */
export const namedBy = (command: Command): Named => {
  const { socket, kubeconfig, context, allowExec } = command.optsWithGlobals<Named>()
  const isTyped = command.getOptionValueSourceWithGlobals('socket') !== 'default'
  return given({ socket: isTyped ? socket : undefined, kubeconfig, context, allowExec })
}

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
  const { pin, headers, output } = command.optsWithGlobals<Globals>()
  const named = namedBy(command)
  const printing = await readOutput(outputOf(output))
  const door = doorOf(named, terminal)
  const wanted = terminalFor(command, terminal)
  // a warning about the door is no message that -q leaves out
  const client = await clientBehind(door, { ...wanted, err: terminal.err }, { pin, ...given({ timeout }) })
  const found =
    door.to === 'cluster' ? door.kubeconfig : kubeconfigOf(given({ allowExec: named.allowExec }), terminal.kubeconfig)
  try {
    await work({
      ...printing,
      client,
      door,
      terminal: wanted,
      headers,
      kubeconfig: found,
      kubectl: found.flags
    })
  } finally {
    await client.close()
  }
}

/**
 * The same for a command that only shows something. A text that is longer than the screen goes through a pager, and messages come
 * when that has ended. Not under `--watch`, whose output has no end.
 */
export const inPages = (
  command: Command,
  terminal: Terminal,
  work: (session: Session) => Promise<void>
): Promise<void> => {
  const { watch } = command.opts<{ watch?: true }>()
  return inSession(command, terminal, (session) =>
    watch ? work(session) : paged(session.terminal, (collected) => work({ ...session, terminal: collected }))
  )
}
