import { isFinal, states } from '@joinery/protocol'
import type { Command } from 'commander'
import type { SeenEnrolment, SeenWhy } from '../../operator-client.ts'
import { describeWhy, toldWhy } from '../../output/describe-why.ts'
import { printDocument } from '../../output/document.ts'
import { printNext } from '../../output/next-command.ts'
import { endRead, isList, printEach, type Read, readEach } from '../../selection/read-many.ts'
import { addMachineSelection, requireEither, type Selection } from '../../selection/selection-options.ts'
import { enrolmentArgument } from '../../session/references.ts'
import { inPages, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery why node-1                              why its Node is not Ready: likeliest cause first, with commands
  joinery why --all                               each machine that is not Ready; also -l, --state, --role, --code
  joinery why node-1 -o json | jq '.causes[0]'
  joinery why -l rack=r7 -o custom-columns=NAME:.name,CAUSE:.causes[0].code
`

export const addWhy = (program: Command, terminal: Terminal): Command =>
  addMachineSelection(
    program
      .command('why')
      .description('say why the Nodes of enrolments are not Ready')
      .addHelpText('before', examples)
      .addArgument(enrolmentArgument('[name...]', ({ node }) => node !== undefined && node.condition !== 'Ready')),
    states,
    'all machines that are not Ready, and whose way is not over'
  )
    .addOption(outputOption('json', 'yaml'))
    .action((names: string[], options: Selection, command) =>
      inPages(command, terminal, (session) => why(names, options, session))
    )

const why = async (names: readonly string[], selection: Selection, session: Session): Promise<void> => {
  requireEither(names, selection)
  const { client, terminal } = session
  const read = async (reference: string) => toldWhy(await client.why(reference), terminal)
  const reading = { isWorthIt: (machine: SeenEnrolment) => isNotReady(machine, selection), read }
  const found = await readEach(names, selection, reading, session)
  const items = found.done.map(({ seen }) => seen)
  if (!isList(names)) printEach(found.done, session, printOne)
  else if (!printDocument(session, { items })) printEach(items, session, printPage)
  endRead(found, session)
}

/** True for a machine that has no Ready Node yet, or no longer. One whose way is over is meant only by its state. */
const isNotReady = (machine: SeenEnrolment, { state }: Selection): boolean =>
  machine.node?.condition !== 'Ready' && (state !== undefined || !isFinal(machine))

const printOne = ({ reference, seen }: Read<SeenWhy>, session: Session): void => {
  const { client, terminal } = session
  if (printDocument(session, seen)) return
  printPage(seen, session)
  if (seen.ready && seen.causes.length === 0) return
  const command = seen.causes[0]?.remedy.find((line) => !line.startsWith('#'))
  const next = client.door === 'cluster' ? `sudo joinery why ${reference}      on the pairing server's host` : command
  printNext(terminal, next ?? `joinery show ${reference}`)
}

const printPage = (seen: SeenWhy, { terminal }: Session): void =>
  terminal.out(describeWhy(seen, terminal.now(), terminal))
