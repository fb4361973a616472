import { CommandEnd } from '@joinery/host/command-end'
import { shellWord } from '@joinery/host/text/shell-word'
import type { Command } from 'commander'
import type { SeenStatus } from '../operator-client.ts'
import { describeStatus, toldStatus } from '../output/describe-status.ts'
import { printDocument } from '../output/document.ts'
import { printNext } from '../output/next-command.ts'
import { watchOption } from '../output/watch/watch.ts'
import { watchPage } from '../output/watch/watch-page.ts'
import { inPages, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery status                                  server, store, cluster, and work for a person
  joinery status --watch                          all of it again when something has changed, until Ctrl-C
  joinery status -o json | jq -r '.remedies[]'
`

export const addStatus = (program: Command, terminal: Terminal): Command =>
  program
    .command('status')
    .description('show the state of the pairing server; exits with 1 if it needs a person')
    .addHelpText('before', examples)
    .addOption(outputOption('json', 'yaml'))
    .addOption(watchOption('print all of it again when it has changed'))
    .action(({ watch }: { watch?: true }, command) =>
      inPages(command, terminal, (session) => (watch ? watchStatus(session) : status(session)))
    )

const look = async ({ client, terminal }: Session): Promise<SeenStatus> => toldStatus(await client.status(), terminal)

const watchStatus = (session: Session): Promise<void> => watchPage(session, () => look(session), printStatus)

const status = async (session: Session): Promise<void> => {
  const answer = await look(session)
  printStatus(answer, session)
  if (answer.remedies !== undefined && answer.remedies.length > 0)
    throw new CommandEnd(exitCodes.failure, 'the pairing server needs a person')
}

const printStatus = (answer: SeenStatus, session: Session): void => {
  const { terminal } = session
  if (printDocument(session, answer)) return
  terminal.out(describeStatus(answer, terminal.now(), terminal))
  const { pending, frozen } = answer.enrolments
  const [away] = answer.notReady ?? []
  if (away !== undefined) printNext(terminal, `joinery why ${shellWord(away)}`)
  if (pending + frozen > 0) printNext(terminal, 'joinery list')
}
