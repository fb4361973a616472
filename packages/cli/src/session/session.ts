import { type Command, Option } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { connect, type OperatorClient } from './client.ts'

/**
 * `table` and `wide` are for people; `json`, `yaml` and `name` print the server's answer and nothing for people. What
 * `joinery cloud-init` makes is for machines.
 */
export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'name' | 'user-data' | 'iso'

export const isForPeople = (format: Format): boolean => format === 'table' || format === 'wide'

/** What a command works with. */
export interface Session {
  client: OperatorClient
  terminal: Terminal
  format: Format
}

/** `wide` is taken wherever `table` is, and prints the same where there is no more. */
export const outputOption = (...formats: Extract<Format, 'json' | 'yaml' | 'name'>[]) =>
  new Option('-o, --output <format>', 'how to print what the server answers')
    .choices(['table', 'wide', ...formats])
    .default('table')

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
