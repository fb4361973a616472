import { type Command, Option } from 'commander'
import { connect, type OperatorClient } from './client.ts'
import type { Terminal } from './terminal.ts'

/** What a command works with. `json`: print the server's answer and nothing for people. */
export interface Session {
  client: OperatorClient
  terminal: Terminal
  json: boolean
}

export const outputOption = () =>
  new Option('-o, --output <format>', 'how to print what the server answers')
    .choices(['table', 'json'])
    .default('table')

/** Does `work` with a connection to the socket that `command` names, and closes it. */
export const inSession = async (
  command: Command,
  terminal: Terminal,
  work: (session: Session) => Promise<void>
): Promise<void> => {
  const { socket, output } = command.optsWithGlobals<{ socket: string; output: string }>()
  const client = connect(socket)
  try {
    await work({ client, terminal, json: output === 'json' })
  } finally {
    await client.close()
  }
}
