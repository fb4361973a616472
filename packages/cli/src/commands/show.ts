import type { Command } from 'commander'
import { printDocument } from '../output/document.ts'
import { describeEnrolment } from '../output/enrolment/describe-enrolment.ts'
import { printNext } from '../output/next-command.ts'
import { enrolmentArgument, enrolmentName } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery show node-1                             the evidence: read it before you approve
  joinery show node-1 -o json | jq .timeline
`

export const addShow = (program: Command, terminal: Terminal): Command =>
  program
    .command('show')
    .description('show the evidence and the timeline of one enrolment')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, _options, command) => inSession(command, terminal, (session) => show(name, session)))

const show = async (name: string, session: Session): Promise<void> => {
  const { client, terminal } = session
  const enrolment = await client.show(name)
  if (printDocument(session, enrolment, () => [enrolmentName(enrolment)])) return
  terminal.out(describeEnrolment(enrolment, name, terminal.now(), terminal))
  // the commands that end a freeze are part of what is shown
  if (enrolment.state !== 'frozen') printNext(terminal, enrolment, name, enrolment)
}
