import { CommandEnd } from '@joinery/host/command-end'
import { states } from '@joinery/protocol'
import { type Command, Option } from 'commander'
import { selectRead } from '../../selection/select.ts'
import { addMachineSelection, isSelection, requireEither, type Selection } from '../../selection/selection-options.ts'
import { enrolmentArgument } from '../../session/references.ts'
import { inSession, outputOption, type Session } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { waitAndPrint } from '../../wait/end-wait.ts'
import { type Awaitable, awaitables, isWorthAwaiting } from '../../wait/judge-awaited.ts'
import { parseAwaitable, timeoutOption } from '../../wait/wait-options.ts'

const examples = `Examples:
  joinery wait node-1                             until it is Ready, also if it has not enrolled yet
  joinery wait node-1 --for pending --timeout 1h  until it is there, and waits for you
  joinery wait -l rack=r7 --for in-service        all machines with this label; also --state, --role, --code, --all
  joinery wait node-1 --for removed
`

interface Options extends Selection {
  for: Awaitable
  timeout: number
}

export const addWait = (program: Command, terminal: Terminal): Command =>
  addMachineSelection(
    program
      .command('wait')
      .description('wait until machines are somewhere on their way; ends at once if they cannot get there any more')
      .addHelpText('before', examples)
      .addArgument(enrolmentArgument('[name...]'))
      .addOption(
        new Option('--for <point>', `point on their way: ${awaitables.join(', ')}`)
          .argParser(parseAwaitable)
          .default('ready')
      )
      .addOption(timeoutOption()),
    states
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((names: string[], options: Options, command) =>
      inSession(command, terminal, (session) => wait(names, options, session))
    )

const wait = async (names: readonly string[], options: Options, session: Session): Promise<void> => {
  requireEither(names, options)
  const wanted = options.for
  const machines = isSelection(options)
    ? await selectRead(session.client, options, (machine) => isWorthAwaiting(wanted, machine))
    : names
  if (machines.length === 0) throw new CommandEnd(exitCodes.notFound, 'no enrolment fits these options', 'joinery list')
  await waitAndPrint(machines, { wanted, timeout: options.timeout }, session)
}
