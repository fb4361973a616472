import type { Command } from 'commander'
import { printChange } from '../output/change.ts'
import { printDocument } from '../output/document.ts'
import { evidence } from '../output/evidence.ts'
import { enrolmentArgument, enrolmentName } from '../references.ts'
import { inSession, isForPeople, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { tryEach } from '../try-each.ts'

const examples = `Examples:
  joinery approve node-1
  joinery approve node-1 node-2 node-3            what fails for one does not stop the others
`

export const addApprove = (program: Command, terminal: Terminal): Command =>
  program
    .command('approve')
    .description(
      'let machines join, exactly as they are shown now; failing preflight checks are shown, not a hindrance'
    )
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name...>', 'approve'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((names: string[], _options, command) => inSession(command, terminal, (session) => approve(names, session)))

const approve = async (names: readonly string[], session: Session): Promise<void> => {
  const { client, terminal, format } = session
  const { done, failures } = await tryEach(names, async (name) => {
    const shown = await client.show(name)
    terminal.err(`${evidence(shown)}\n`)
    // not what is there by now: an approval covers what was read
    const enrolment = await client.approve(shown.id, { revision: shown.revision, key: shown.key })
    if (isForPeople(format)) printChange(session, 'approved', enrolment, name)
    return enrolment
  })
  printDocument(session, { items: done }, () => done.map((enrolment) => enrolmentName(enrolment)))
  if (failures.length > 0) throw new AggregateError(failures)
}
