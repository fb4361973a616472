import type { State } from '@joinery/protocol'
import type { Command } from 'commander'
import { requireName } from '../consent/require-name.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import { printChange } from '../output/enrolment/change.ts'
import { enrolmentArgument, referenceTo } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery reject node-1 --reason 'not one of ours'
  joinery reject worker-7 --reason 'a copy'             a way back is refused, and the machine stays in the cluster
  joinery reject node-1 --reason 'wrong disk' --yes     without a question, even if it is joining or joined
`

interface Options {
  reason: string
  yes?: true
}

export const addReject = (program: Command, terminal: Terminal): Command =>
  program
    .command('reject')
    .description('refuse a machine for good; its agent learns of it and exits')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', 'reject'))
    .requiredOption('--reason <text>', 'reason, which the timeline keeps')
    .option('--yes', 'do not ask for the name, even if a join ends or a Node is deleted')
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, options: Options, command) =>
      inSession(command, terminal, (session) => reject(name, options, session))
    )

const reject = async (reference: string, { reason, yes }: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  const shown = await client.show(reference)
  const warning = rejectionWarning(shown)
  if (warning !== undefined && !yes) {
    await requireName({ warning, name: referenceTo(shown, [shown]), verb: 'reject' }, terminal)
  }
  // by its id: the name may mean another machine once the person has answered
  printChange(session, 'rejected', await client.reject(shown.id, { reason }), reference)
}

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
