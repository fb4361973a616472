import type { Command } from 'commander'
import { printChange } from '../output/change.ts'
import { evidence } from '../output/evidence.ts'
import { enrolmentArgument } from '../references.ts'
import { inSession, outputOption } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery retry node-1
`

export const addRetry = (program: Command, terminal: Terminal): Command =>
  program
    .command('retry')
    .description('give a failed or expired enrolment another chance, exactly as it is shown now')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', 'retry'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, _options, command) =>
      inSession(command, terminal, async (session) => {
        const { client, terminal } = session
        const shown = await client.show(name)
        terminal.err(`${evidence(shown)}\n`)
        printChange(
          session,
          'retried',
          await client.retry(shown.id, { revision: shown.revision, key: shown.key }),
          name
        )
      })
    )
