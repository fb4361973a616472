import { isFrozen, states } from '@joinery/protocol'
import type { Command } from 'commander'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { printDocument } from '../output/document.ts'
import { describeEnrolment } from '../output/enrolment/describe-enrolment.ts'
import { printNextFor } from '../output/next-command.ts'
import { watchOption } from '../output/watch/watch.ts'
import { watchPages } from '../output/watch/watch-page.ts'
import { allOf, endRead, isList, printEach, type Read, type Reading, readEach } from '../selection/read-many.ts'
import { addMachineSelection, requireEither, type Selection } from '../selection/selection-options.ts'
import { enrolmentArgument, enrolmentName } from '../session/references.ts'
import { inPages, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery show node-1                             the evidence: read it before you approve
  joinery show node-1 node-2                      one after the other
  joinery show -l rack=r7                         all machines with this label; also --state, --role, --code, --all
  joinery show node-1 --watch                     the page again when something has changed, until Ctrl-C
  joinery show node-1 -o json | jq .timeline
  joinery show --state failed -o jsonpath='{range .items[*]}{.name}: {.message}{"\\n"}{end}'
`

interface Options extends Selection {
  watch?: true
}

export const addShow = (program: Command, terminal: Terminal): Command =>
  addMachineSelection(
    program
      .command('show')
      .description('show the evidence and the timeline of enrolments')
      .addHelpText('before', examples)
      .addArgument(enrolmentArgument('[name...]')),
    states,
    'all machines'
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .addOption(watchOption('print all of it again when it has changed'))
    .action((names: string[], options: Options, command) =>
      inPages(command, terminal, (session) => show(names, options, session))
    )

const show = async (names: readonly string[], options: Options, session: Session): Promise<void> => {
  requireEither(names, options)
  const reading: Reading<SeenEnrolmentDetail> = { isWorthIt: () => true, read: session.client.show }
  const look = () => readEach(names, options, reading, session)
  if (options.watch) {
    const watched = async () => allOf(await look())
    return watchPages(session, { look: watched, id: ({ seen }) => seen.id, print: printOne })
  }
  const found = await look()
  const { done } = found
  const items = done.map(({ seen }) => seen)
  const lines = () => items.map((seen) => (names.length > 0 ? enrolmentName(seen) : `enrolment/${seen.id}`))
  if (!isList(names) || !printDocument(session, { items }, lines)) printEach(done, session, printOne)
  endRead(found, session)
}

const printOne = ({ reference, seen }: Read<SeenEnrolmentDetail>, session: Session): void => {
  const { terminal } = session
  if (printDocument(session, seen, () => [enrolmentName(seen)])) return
  terminal.out(describeEnrolment(seen, reference, terminal.now(), terminal))
  // the commands that end a freeze are part of what is shown
  if (!isFrozen(seen)) printNextFor(terminal, seen, reference, seen)
}
