import type { Command } from 'commander'
import { type Agreement, addAgreementOptions, requireAgreeable, requireAgreement } from '../consent/agreement.ts'
import { printChange } from '../output/enrolment/change.ts'
import { decideMachines, type MachinesVerb, statesFor } from '../selection/machines.ts'
import { addMachineSelection, requireEither, requireNoneOf, type Selection } from '../selection/selection-options.ts'
import { carryOut, type DryRun, type DryRunOptions, dryRunOption, tellDryRun } from '../session/dry-run.ts'
import { enrolmentArgument } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery retry node-1                            shows the evidence, and asks
  joinery retry worker-7                          it may ask for the way back again
  joinery retry node-1 --revision 7               without a question; refused if the enrolment has changed since
  joinery retry --state failed -l rack=r7         all of them that failed: shows them in a table, and asks once
  joinery retry node-1 --dry-run=server           would the server do it? changes nothing
`

interface Options extends Agreement, Selection, DryRunOptions {}

export const addRetry = (program: Command, terminal: Terminal): Command =>
  addMachineSelection(
    addAgreementOptions(
      program
        .command('retry')
        .description(
          'give a failed or expired enrolment another chance, or a machine whose way back was refused or froze'
        )
        .addHelpText('before', examples)
        .addArgument(enrolmentArgument('[name]', 'retry'))
    ),
    statesFor('retry')
  )
    .addOption(dryRunOption())
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string | undefined, options: Options, command) =>
      inSession(command, terminal, async (session) => {
        requireEither(name === undefined ? [] : [name], options)
        if (name !== undefined) return retry(name, options, session)
        requireNoneOf({ '--key': options.key, '--revision': options.revision })
        await decideMachines(options, options, retrying(options.dryRun, session), session)
      })
    )

const retry = async (name: string, options: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  const { dryRun } = options
  const given: Agreement = dryRun === 'none' ? options : { ...options, yes: true }
  requireAgreeable([name], given, 'retried', terminal)
  const shown = await client.show(name)
  await requireAgreement(shown, { verb: 'retry', done: 'retried', reference: name, given }, terminal)
  const retried = await retrying(dryRun, session).decide(shown)
  tellDryRun(dryRun, session)
  printChange(session, 'retried', retried, name, dryRun)
}

const retrying = (dryRun: DryRun, { client }: Session): MachinesVerb => ({
  event: 'retry',
  done: 'retried',
  decide: (machine) => {
    const { id, revision, key } = machine
    return carryOut(dryRun, { event: 'retry', look: machine }, (query) => client.retry(id, { revision, key }, query))
  }
})
