import type { Command } from 'commander'
import { printChange } from '../output/change.ts'
import { enrolmentArgument } from '../references.ts'
import { inSession, outputOption } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery reject node-1 --reason 'not one of ours'
`

export const addReject = (program: Command, terminal: Terminal): Command =>
  program
    .command('reject')
    .description('refuse a machine for good; its agent is told and exits')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', 'reject'))
    .requiredOption('--reason <text>', 'why: kept in the timeline')
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, { reason }: { reason: string }, command) =>
      inSession(command, terminal, async (session) => {
        printChange(session, 'rejected', await session.client.reject(name, { reason }), name)
      })
    )
