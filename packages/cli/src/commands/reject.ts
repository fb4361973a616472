import type { State } from '@joinery/protocol'
import type { Command } from 'commander'
import { requireName } from '../consent/require-name.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import { printChange } from '../output/enrolment/change.ts'
import { decideMachines, type MachinesVerb, statesFor } from '../selection/machines.ts'
import { addMachineSelection, requireEither, type Selection } from '../selection/selection-options.ts'
import { carryOut, type DryRunOptions, dryRunOption, lookOf, tellDryRun } from '../session/dry-run.ts'
import { enrolmentArgument, referenceTo } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery reject node-1 --reason 'not one of ours'
  joinery reject worker-7 --reason 'a copy'             a way back is refused, and the machine stays in the cluster
  joinery reject node-1 --reason 'wrong disk' --yes     without a question, even if it is joining or joined
  joinery reject --code 5c0e7d42 --reason 'leaked'      all that came with this code: a table, and one question
  joinery reject node-1 --reason 'x' --dry-run=server   would the server do it? changes nothing
`

interface Options extends Selection, DryRunOptions {
  reason: string
  yes?: true
}

export const addReject = (program: Command, terminal: Terminal): Command =>
  addMachineSelection(
    program
      .command('reject')
      .description('refuse a machine for good; its agent learns of it and exits')
      .addHelpText('before', examples)
      .addArgument(enrolmentArgument('[name]', 'reject')),
    statesFor('reject')
  )
    .requiredOption('--reason <text>', 'reason, which the timeline keeps')
    .option('--yes', 'do not ask for the name, even if a join ends or a Node is deleted')
    .addOption(dryRunOption())
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string | undefined, options: Options, command) =>
      inSession(command, terminal, async (session) => {
        requireEither(name === undefined ? [] : [name], options)
        if (name !== undefined) return reject(name, options, session)
        await decideMachines(options, options, rejecting(options, session), session)
      })
    )

const reject = async (reference: string, options: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  const { reason, yes, dryRun } = options
  const shown = await client.show(reference)
  const warning = rejectionWarning(shown)
  if (warning !== undefined && !yes && dryRun === 'none') {
    await requireName({ warning, name: referenceTo(shown, [shown]), verb: 'reject' }, terminal)
  }
  // by its id: the name may mean another machine once the person has answered
  const rejected = await carryOut(dryRun, { event: 'reject', look: shown }, (query) =>
    client.reject(shown.id, { reason }, query)
  )
  tellDryRun(dryRun, session)
  printChange(session, 'rejected', rejected, reference, dryRun)
}

/** Rejection of many, each of them only as it was shown. */
const rejecting = ({ reason, dryRun }: Options, { client }: Session): MachinesVerb => ({
  event: 'reject',
  done: 'rejected',
  warning: (machines) => {
    const severe = machines.filter((machine) => rejectionWarning(machine) !== undefined)
    const states = [...new Set(severe.map(({ state }) => `${effects[state as State]} if it is ${state}`))]
    return severe.length === 0 ? undefined : `Rejecting a machine ${states.join(', ')}`
  },
  decide: (machine) =>
    carryOut(dryRun, { event: 'reject', look: machine }, (query) =>
      client.reject(machine.id, { reason }, { ...query, ...lookOf(machine) })
    )
})

/**
 * Effect of a rejection on what already runs. In the states without one a machine only waits, or the server refuses.
 */
const effects: Record<State, string | undefined> = {
  pending: undefined,
  approved: undefined,
  joining: 'ends its join, deletes its Node if one appears, and bans its name',
  joined: 'deletes its Node, without a drain, and bans its name',
  ready: undefined,
  recovering: undefined,
  frozen: undefined,
  failed: undefined,
  expired: undefined,
  rejected: undefined,
  removed: undefined
}

/**
 * Text that a person must read and agree to before `shown` is rejected. Undefined if a rejection takes nothing away.
 */
const rejectionWarning = ({ name, state }: SeenEnrolment): string | undefined => {
  const effect = effects[state]
  return effect && `${name} is ${state}: rejecting it ${effect}`
}
