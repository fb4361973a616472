import { type Command, Option } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { connect, type OperatorClient } from './client.ts'

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
}

/** The `--output` option. Every command with `table` takes `wide` too, and prints the same if there is no more. */
export const outputOption = (...formats: Extract<Format, 'json' | 'yaml' | 'name'>[]) =>
  new Option('-o, --output <format>', 'output format').choices(['table', 'wide', ...formats]).default('table')

/** Does `work` with a connection to the socket that `command` names, and closes it. */
export const inSession = async (
  command: Command,
  terminal: Terminal,
  work: (session: Session) => Promise<void>
): Promise<void> => {
  const { socket, color, output } = command.optsWithGlobals<{ socket: string; color: boolean; output: Format }>()
  const client = connect(socket, { operator: terminal.operator })
  try {
    await work({ client, terminal: { ...terminal, colour: terminal.colour && color }, format: output })
  } finally {
    await client.close()
  }
}
