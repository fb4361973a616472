import type { Command } from 'commander'
import { type Agreement, addAgreementOptions, requireAgreeable, requireAgreement } from '../consent/agreement.ts'
import { printChange } from '../output/enrolment/change.ts'
import { enrolmentArgument } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery retry node-1                            shows the evidence, and asks
  joinery retry worker-7                          it may ask for the way back again
  joinery retry node-1 --revision 7               without a question; refused if the enrolment has changed since
`

export const addRetry = (program: Command, terminal: Terminal): Command =>
  addAgreementOptions(
    program
      .command('retry')
      .description(
        'give a failed or expired enrolment another chance, or a machine whose way back was refused or froze'
      )
      .addHelpText('before', examples)
      .addArgument(enrolmentArgument('<name>', 'retry'))
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, given: Agreement, command) =>
      inSession(command, terminal, (session) => retry(name, given, session))
    )

const retry = async (name: string, given: Agreement, session: Session): Promise<void> => {
  const { client, terminal } = session
  requireAgreeable([name], given, 'retried', terminal)
  const shown = await client.show(name)
  await requireAgreement(shown, { verb: 'retry', done: 'retried', reference: name, given }, terminal)
  const retried = await client.retry(shown.id, { revision: shown.revision, key: shown.key })
  printChange(session, 'retried', retried, name)
}
