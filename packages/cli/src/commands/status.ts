import { CommandEnd } from '@joinery/host/command-end'
import type { Command } from 'commander'
import { describeStatus } from '../output/describe-status.ts'
import { printDocument } from '../output/document.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery status                                  server, store, cluster, and work for a person
  joinery status -o json | jq -r '.remedies[]'
`

export const addStatus = (program: Command, terminal: Terminal): Command =>
  program
    .command('status')
    .description('show the state of the pairing server; exits with 1 if it needs a person')
    .addHelpText('before', examples)
    .addOption(outputOption('json', 'yaml'))
    .action((_options, command) => inSession(command, terminal, status))

const status = async (session: Session): Promise<void> => {
  const { client, terminal } = session
  const answer = await client.status()
  if (!printDocument(session, answer)) {
    terminal.out(describeStatus(answer, terminal.now(), terminal))
    const { pending, frozen } = answer.enrolments
    if (pending + frozen > 0) terminal.err('Next: joinery list\n')
  }
  if (answer.remedies !== undefined && answer.remedies.length > 0)
    throw new CommandEnd(exitCodes.failure, 'the pairing server needs a person')
}
