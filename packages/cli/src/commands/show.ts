import type { Command } from 'commander'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { printDocument } from '../output/document.ts'
import { describeEnrolment } from '../output/enrolment/describe-enrolment.ts'
import { printNext } from '../output/next-command.ts'
import { watchOption } from '../output/watch/watch.ts'
import { watchPage } from '../output/watch/watch-page.ts'
import { enrolmentArgument, enrolmentName } from '../session/references.ts'
import { inPages, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery show node-1                             the evidence: read it before you approve
  joinery show node-1 --watch                     the page again when something has changed, until Ctrl-C
  joinery show node-1 -o json | jq .timeline
`

export const addShow = (program: Command, terminal: Terminal): Command =>
  program
    .command('show')
    .description('show the evidence and the timeline of one enrolment')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .addOption(watchOption('print all of it again when it has changed'))
    .action((name: string, options: { watch?: true }, command) =>
      inPages(command, terminal, (session) => show(name, options, session))
    )

const show = async (name: string, { watch }: { watch?: true }, session: Session): Promise<void> => {
  const look = () => session.client.show(name)
  const print = (enrolment: SeenEnrolmentDetail, here: Session) => printShown(name, enrolment, here)
  if (watch) return watchPage(session, look, print)
  print(await look(), session)
}

const printShown = (name: string, enrolment: SeenEnrolmentDetail, session: Session): void => {
  const { terminal } = session
  if (printDocument(session, enrolment, () => [enrolmentName(enrolment)])) return
  terminal.out(describeEnrolment(enrolment, name, terminal.now(), terminal))
  // the commands that end a freeze are part of what is shown
  if (enrolment.state !== 'frozen') printNext(terminal, enrolment, name, enrolment)
}
