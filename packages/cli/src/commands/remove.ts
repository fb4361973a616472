import { CommandEnd } from '@joinery/host/command-end'
import { removeByHand } from '@joinery/host/text/remove-by-hand'
import {
  conflictRemedy,
  type DecideQuery,
  escapeText,
  hasFailed,
  hasJoined,
  type NameHolder,
  next
} from '@joinery/protocol'
import type { Command } from 'commander'
import { type Consent, requireName } from '../consent/require-name.ts'
import { explainNotFound } from '../control-plane/explain-not-found.ts'
import { isAlone, needsRoot } from '../control-plane/needs-root.ts'
import { addDrainOptions, type DrainOptions, drain } from '../node/drain.ts'
import { printEvicted } from '../node/evicted-pods.ts'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { printChange } from '../output/enrolment/change.ts'
import { decideMachines, type MachinesVerb, statesFor } from '../selection/machines.ts'
import { addMachineSelection, requireEither, type Selection } from '../selection/selection-options.ts'
import { carryOut, type DryRun, type DryRunOptions, dryRunOption, lookOf, tellDryRun } from '../session/dry-run.ts'
import { enrolmentArgument, referenceTo } from '../session/references.ts'
import { type RootsAlone, requireHost } from '../session/require-host.ts'
import { inSession, isForPeople, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery remove node-1                           evict the Pods, ban the name, delete the Node
  joinery remove node-1 --no-drain                a machine that is dead
  joinery remove node-1 --yes                     without a question
  joinery remove cp-2                             a control plane and its etcd member, as root on another one
  joinery remove -l rack=r7                       all workers with this label: a table, and you type their number
  joinery remove node-1 --dry-run=server          would the server do it? changes nothing
`

interface Options extends DrainOptions, Selection, DryRunOptions {
  yes?: true
}

export const addRemove = (program: Command, terminal: Terminal): Command =>
  addMachineSelection(
    addDrainOptions(
      program
        .command('remove')
        .description(
          'take a machine out of the cluster for good: drain and ban it, delete its Node; also the etcd member of a control plane'
        )
        .addHelpText('before', examples)
        .addArgument(enrolmentArgument('[name]', 'remove'))
        .option('--yes', 'do not ask for the name, even if there is a Node')
    ),
    statesFor('remove')
  )
    .addOption(dryRunOption())
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string | undefined, options: Options, command) =>
      inSession(command, terminal, async (session) => {
        requireEither(name === undefined ? [] : [name], options)
        if (name !== undefined) return remove(name, options, session)
        await decideMachines(options, options, removing(options, session), session)
      })
    )

/** Removal of many workers, each of them only as it was shown. */
const removing = (options: Options, session: Session): MachinesVerb => ({
  event: 'remove',
  done: 'removed',
  controlPlanesByName: true,
  warning: (machines) => {
    const joined = machines.filter(hasJoined).length
    const evicts = options.drain ? 'evicts its Pods, with the data of their emptyDirs, ' : ''
    if (joined === 0) return undefined
    return `${joined} of them have a Node: removing one ${evicts}deletes its Node and bans its name`
  },
  decide: (machine) => removeAsListed(machine, options, session)
})

const removeAsListed = async (
  machine: SeenEnrolment,
  { dryRun, ...options }: Options,
  session: Session
): Promise<SeenEnrolment> => {
  const { client } = session
  const { id, name, revision, key } = machine
  const send = (query: DecideQuery) => client.remove(id, { ...query, ...lookOf(machine) })
  if (dryRun !== 'none') return carryOut(dryRun, { event: 'remove', look: machine }, send)
  // before its Pods are evicted
  const shown = await client.show(id)
  if (shown.revision !== revision || shown.key !== key) {
    const cause = `${name} has changed since it was shown: it is ${shown.state}, at revision ${shown.revision}`
    throw new CommandEnd(exitCodes.conflict, cause, `look again: joinery show ${id}`)
  }
  await takeLeave(shown, { ...options, dryRun, yes: true }, session, 'one of many')
  client.cover(machine)
  return send({})
}

const remove = async (reference: string, options: Options, session: Session): Promise<void> => {
  const { client, terminal, format } = session
  const shown = await client.show(reference).catch(async (error) => {
    throw await explainNotFound(error, reference, client)
  })
  requireRemovable(shown)
  const { dryRun } = options
  if (dryRun !== 'none') return tryToRemove(shown, reference, dryRun, session)
  if (shown.role === 'control-plane') requireHost(client, byRoot(shown.name))
  const wasControlPlane = await takeLeave(shown, options, session)
  // by its id: the name may mean another machine once the drain is over
  const removed = await client.remove(shown.id)
  printChange(session, 'removed', removed, reference)
  if (!isForPeople(format) || !hasTried(removed, shown)) return
  if (removed.message !== 'removed') terminal.err(`${escapeText(removed.message)}\n`)
  terminal.err(wasControlPlane ? `${leftToDo}${leftOfControlPlane}` : `${leftToDo}${leftOfWorker}`)
}

const tryToRemove = async (
  shown: SeenEnrolmentDetail,
  reference: string,
  dryRun: DryRun,
  session: Session
): Promise<void> => {
  if (shown.role === 'control-plane') {
    const cause = 'there is no dry run for a control plane: its etcd member and its Node go first, one after the other'
    throw new CommandEnd(exitCodes.usage, cause, `joinery remove ${reference} says what it does, and asks`)
  }
  const send = (query: DecideQuery) => session.client.remove(shown.id, query)
  const removed = await carryOut(dryRun, { event: 'remove', look: shown }, send)
  tellDryRun(dryRun, session)
  printChange(session, 'removed', removed, reference, dryRun)
}

/** Text for root about a control plane, which only root on the host of another one takes away. */
const byRoot = (name: string): RootsAlone => ({
  what: `take the control plane ${name} away`,
  command: `joinery remove ${name}`,
  host: 'on the host of another control plane, which is also the host of the pairing server'
})

/** True if the machine has begun a join. A view does not tell the attempts, but has a state that follows one. */
const hasTried = ({ attempts }: SeenEnrolment, shown: SeenEnrolment): boolean =>
  attempts === undefined ? hasJoined(shown) || hasFailed(shown) : attempts.length > 0

/** Throws if the enrolment cannot be removed, so that nothing is drained for nothing. */
const requireRemovable = ({ id, name, role, state }: SeenEnrolmentDetail): void => {
  if (next(state, 'remove') !== undefined) return
  const cause = `remove is not possible: the enrolment of ${name} is ${state}`
  // its Node may be there: the server never deletes a control plane's Node
  const byHand = state === 'rejected' && role === 'control-plane'
  throw new CommandEnd(
    exitCodes.conflict,
    cause,
    byHand ? removeByHand(name) : conflictRemedy('remove', { id, name, state })
  )
}

/** Says what will happen, asks, and drains; takes a control plane away wholly, and gives whether it was one. */
const takeLeave = async (
  shown: SeenEnrolmentDetail,
  options: Options,
  session: Session,
  how: 'alone' | 'one of many' = 'alone'
): Promise<boolean> => {
  const { client } = session
  const { id, name, state, role, attempts = [] } = shown
  if (!hasJoined(shown) && (role === 'worker' || attempts.length === 0)) return false
  const holder = await client.holder(id)
  const called = referenceTo(shown, [shown])
  const evicts = options.drain ? 'evicts its Pods, with the data of their emptyDirs, ' : ''
  const warning = `${name} is ${state}: removing it ${evicts}deletes its Node and bans its name`
  const leave = { warning, name: called, verb: 'remove', holder, command: `joinery remove ${called}` }
  const isControlPlane = needsRoot(shown, holder)
  if (isControlPlane && how === 'one of many') {
    const cause = `the Node of ${name} is a control plane, which is taken away alone`
    throw new CommandEnd(exitCodes.conflict, cause, `joinery remove ${called}`)
  }
  if (isControlPlane) requireHost(client, byRoot(name))
  if (attempts.length > 0 && isControlPlane && isAlone(shown, (await client.list({ name })).items)) {
    const { takeAwayControlPlane } = await import('../control-plane/take-away.ts')
    await takeAwayControlPlane(shown, leave, options, session)
    return true
  }
  if (hasJoined(shown)) await takeLeaveOfWorker(name, leave, options, session)
  return false
}

const takeLeaveOfWorker = async (
  node: string,
  { holder, command, ...consent }: Consent & { holder: NameHolder; command: string },
  options: Options,
  session: Session
): Promise<void> => {
  const { terminal } = session
  const drains = options.drain && holder.node !== undefined
  printEvicted(holder, drains, terminal)
  if (!options.yes) await requireName(consent, terminal)
  if (drains) await drain(node, options, `${command} --no-drain`, session)
}

const leftToDo = `Left to do on the machine, if it is to be used for something else:
  kubeadm reset --force                           ends its Pods and its kubelet
  rm --recursive --force /etc/cni/net.d           what kubeadm leaves of the network plugin
  apt-get purge joinery-agent kubeadm kubelet     or keep them, for another code
`
const leftOfWorker = `Until then its kubelet runs on, and the API server takes nothing from it.
`
const leftOfControlPlane = `Until then the keys of the cluster lie on it: power it off, or reset it. A reset warns that it finds no member of etcd to
remove: it is removed already. Take its address out of the load balancer of the API servers.
`
