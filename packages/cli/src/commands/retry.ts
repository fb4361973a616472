import type { Command } from 'commander'
import { printChange } from '../output/change.ts'
import { enrolmentArgument } from '../references.ts'
import { inSession, outputOption } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery retry node-1
`

export const addRetry = (program: Command, terminal: Terminal): Command =>
  program
    .command('retry')
    .description('give a failed or expired enrolment another chance')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', 'retry'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, _options, command) =>
      inSession(command, terminal, async (session) => {
        printChange(session, 'retried', await session.client.retry(name), name)
      })
    )
