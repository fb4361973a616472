import { type EnrolmentDetail, escapeText, isControlPlane, next, type State } from '@joinery/protocol'
import type { Command } from 'commander'
import { addDrainOptions, type DrainOptions, drain } from '../drain.ts'
import { CommandError, exitCodes } from '../errors.ts'
import { printChange } from '../output/change.ts'
import { printEvicted } from '../output/evicted-pods.ts'
import { enrolmentArgument, referenceTo } from '../references.ts'
import { requireName } from '../require-name.ts'
import { inSession, isForPeople, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery remove node-1                           evicts its Pods, bans its name, deletes its Node
  joinery remove node-1 --no-drain                a machine that is dead
  joinery remove node-1 --yes                     without a question
`

interface Options extends DrainOptions {
  yes?: true
}

export const addRemove = (program: Command, terminal: Terminal): Command =>
  addDrainOptions(
    program
      .command('remove')
      .description('take a machine out of the cluster for good: drain, ban, delete its Node')
      .addHelpText('before', examples)
      .addArgument(enrolmentArgument('<name>', 'remove'))
      .option('--yes', 'do not ask for the name where there is a Node')
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, options: Options, command) =>
      inSession(command, terminal, (session) => remove(name, options, session))
    )

/** In which it has a Node of its own. */
const hasJoined: readonly State[] = ['joined', 'ready']

const remove = async (reference: string, options: Options, session: Session): Promise<void> => {
  const { client, terminal, format } = session
  const shown = await client.show(reference)
  requireRemovable(shown)
  if (hasJoined.includes(shown.state)) await takeLeave(shown, options, session)
  // by its id: the name may mean another machine by the time that it is drained
  const removed = await client.remove(shown.id)
  printChange(session, 'removed', removed, reference)
  if (!isForPeople(format) || removed.attempts.length === 0) return
  terminal.err(removed.message === 'removed' ? leftToDo : `${escapeText(removed.message)}\n${leftToDo}`)
}

/** Before anything is drained for nothing. */
const requireRemovable = ({ name, state }: EnrolmentDetail): void => {
  if (next(state, 'remove') !== undefined) return
  const remedy = next(state, 'reject') === undefined ? undefined : `joinery reject ${name} --reason ...`
  throw new CommandError(exitCodes.conflict, `remove is not possible: the enrolment of ${name} is ${state}`, remedy)
}

/** Says what will happen, asks, and drains. */
const takeLeave = async (shown: EnrolmentDetail, options: Options, { client, terminal }: Session): Promise<void> => {
  const { name, state } = shown
  const holder = await client.holder(shown.id)
  // which the server refuses: nothing is drained for that
  if (shown.role === 'control-plane' || (holder.node !== undefined && isControlPlane(holder.node))) return
  const called = referenceTo(shown, [shown])
  const drains = options.drain && holder.node !== undefined
  printEvicted(holder, drains, terminal)
  const warning = `${name} is ${state}: removing it deletes its Node and bans its name`
  if (!options.yes) await requireName({ warning, name: called, verb: 'remove' }, terminal)
  if (drains) await drain(name, options, `joinery remove ${called} --no-drain`, terminal)
}

const leftToDo = `Left to do on the machine, where it is to be used for something else:
  kubeadm reset --force                           ends its Pods and its kubelet
  rm --recursive --force /etc/cni/net.d           what kubeadm leaves of the network plugin
  apt-get purge joinery-agent kubeadm kubelet     or keep them, for another code
Until then its kubelet runs on, and the API server takes nothing from it.
`
