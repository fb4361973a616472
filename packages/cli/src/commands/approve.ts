import { CommandEnd } from '@joinery/host/command-end'
import { type ApproveRequest, holdsName, isFingerprintOf, isRecovering } from '@joinery/protocol'
import { type Command, Option } from 'commander'
import {
  type Agreement,
  addAgreementOptions,
  isAgreed,
  requireAgreeable,
  requireAgreement
} from '../consent/agreement.ts'
import { canGrantHere, grantHere } from '../grant/grant-here.ts'
import { addDrainOptions, type DrainOptions } from '../node/drain.ts'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { printDocument } from '../output/document.ts'
import { printChange } from '../output/enrolment/change.ts'
import { formerCertificate } from '../output/enrolment/former-certificate.ts'
import { agreeOnMachines, decideMachines, errorsOf, type MachinesVerb, statesFor } from '../selection/machines.ts'
import {
  addMachineSelection,
  isSelection,
  requireEither,
  requireNoneOf,
  type Selection
} from '../selection/selection-options.ts'
import { carryOut, type DryRun, type DryRunOptions, dryRunOption, tellDryRun } from '../session/dry-run.ts'
import { enrolmentArgument, enrolmentName } from '../session/references.ts'
import { inSession, isForPeople, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { tryEach } from '../terminal/try-each.ts'
import { waitAndPrint } from '../wait/end-wait.ts'
import type { Awaitable } from '../wait/judge-awaited.ts'
import { afterApproval, timeoutOption } from '../wait/wait-options.ts'
import { approveInWaves } from '../waves/approve-in-waves.ts'
import { addWaveOptions, type WaveOptions, waveRuleOf } from '../waves/wave-options.ts'
import { replace } from './replace.ts'

const examples = `Examples:
  joinery approve node-1                          shows the evidence, and asks
  joinery approve node-1 node-2 node-3            one after the other; a failure does not stop the others
  joinery approve node-1 --revision 3             without a question; refused if the enrolment has changed since
  joinery approve node-1 --key 4f1c-22ab-...      only the machine with this key
  joinery approve worker-7                        also a machine that lost its certificate, and asks for the way back
  joinery approve node-1 --replace                a rebuilt machine, in place of the Node of its name
  joinery approve cp-2 --replace                  a control plane, as root on another one: its etcd member goes first
  joinery approve cp-2                            as root on a control-plane host: asks for the key, and grants too
  joinery approve --all                           every worker that waits: shows them in a table, and asks once
  joinery approve --restored                      after a restore: those that were approved before, asked once
  joinery approve -l rack=r7 --code 5c0e7d42      only those; also --role and --state
  joinery approve -l rack=r7 --wave 10% --canary 1 --stop-on 2       one, then a tenth at a time, each until it is Ready
  joinery approve node-1 --dry-run=server         would the server do it? changes nothing
`

interface Options extends DrainOptions, Agreement, Selection, DryRunOptions, WaveOptions {
  replace?: true
  /** Point to wait for. True if it is the usual one. */
  wait?: Awaitable | true
  /** Longest wait, in seconds. */
  timeout: number
}

export const addApprove = (program: Command, terminal: Terminal): Command =>
  addWaveOptions(
    addMachineSelection(
      addDrainOptions(
        addAgreementOptions(
          program
            .command('approve')
            .description(
              'let machines join, exactly as joinery shows them; a failing preflight check does not prevent it'
            )
            .addHelpText('before', examples)
            .addArgument(enrolmentArgument('[name...]', 'approve'))
        ).option(
          '--replace',
          'drain, ban and delete the Node that has the name; the new Node gets its labels and taints'
        )
      ),
      statesFor('approve')
    )
  )
    .option('--restored', 'only machines that wait again because a restore took their approval back')
    .addOption(dryRunOption())
    .addOption(
      new Option(
        '--wait [point]',
        'wait until they are ready; --wait=joined or --wait=in-service: another point'
      ).choices(afterApproval)
    )
    .addOption(timeoutOption('longest wait with --wait'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((names: string[], options: Options, command) =>
      inSession(command, terminal, (session) => approve(names, options, session))
    )

const approve = async (names: readonly string[], options: Options, session: Session): Promise<void> => {
  requireEither(names, options)
  if (options.wait !== undefined && options.dryRun !== 'none') {
    const cause = 'a dry run approves nothing that --wait could wait for'
    throw new CommandEnd(exitCodes.usage, cause, 'leave one of the two away')
  }
  if (isSelection(options)) return approveMany(options, session)
  if (waveRuleOf(options) !== undefined) {
    throw new CommandEnd(exitCodes.usage, 'waves are for a selection', 'select: --state, --role, --code, -l, --all')
  }
  if (options.replace && options.dryRun !== 'none') {
    throw new CommandEnd(
      exitCodes.usage,
      'there is no dry run of --replace: its Node must be gone before anybody can tell how it ends',
      'leave one of the two away'
    )
  }
  if (options.replace && names.length > 1) {
    throw new CommandEnd(exitCodes.usage, '--replace is for one machine at a time', 'give one name')
  }
  const { terminal, format } = session
  const { dryRun } = options
  if (dryRun === 'none') requireAgreeable(names, options, 'approved', terminal)
  const { done, failures } = await tryEach(names, async (name) => {
    const enrolment = options.replace ? await replace(name, options, session) : await approveOne(name, options, session)
    if (isForPeople(format)) {
      const told = formerCertificate(enrolment, options.replace === true)
      if (told !== undefined) terminal.err(`${told}\n`)
      const done = enrolment.granted === undefined ? 'approved' : 'approved and granted'
      printChange(session, done, enrolment, name, dryRun)
    }
    return enrolment
  })
  const others = await ending(options)(done, session).then(() => [], errorsOf)
  if (failures.length + others.length > 0) throw new AggregateError([...failures, ...others])
}

/** Makes the work after an approval: the machines are printed for a program, or waited for and then printed. */
const ending =
  (options: Pick<Options, 'wait' | 'timeout'>) =>
  async (done: readonly SeenEnrolment[], session: Session): Promise<void> => {
    if (options.wait !== undefined) return waitAndPrint(done, waitOf(options), session)
    printDocument(session, { items: done }, () => done.map((one) => enrolmentName(one)))
  }

const waitOf = ({ wait = true, timeout }: Pick<Options, 'wait' | 'timeout'>) => ({
  wanted: wait === true ? ('ready' as const) : wait,
  timeout
})

const approveMany = async (options: Options, session: Session): Promise<void> => {
  const { key, revision, replace, dryRun } = options
  requireNoneOf({ '--key': key, '--revision': revision, '--replace': replace })
  const verb = approving(dryRun, session)
  if (options.restored) session.terminal.err(forgotten)
  const rule = waveRuleOf(options)
  if (rule === undefined || dryRun !== 'none') return decideMachines(options, options, verb, session, ending(options))
  const machines = await agreeOnMachines(options, options, verb, session)
  await approveInWaves(machines, verb, { rule, ...waitOf(options) }, session)
}

const forgotten =
  'The store has forgotten what was decided since it was saved: first reject what you rejected or removed since.\n'

/** Approval of many. A control plane is granted nothing by it: root gives each of them the keys, by the key that it shows. */
const approving = (dryRun: DryRun, { client }: Session): MachinesVerb => ({
  event: 'approve',
  done: 'approved',
  decide: (machine) => {
    const { id, revision, key } = machine
    return carryOut(dryRun, { event: 'approve', look: machine }, (query) =>
      client.approve(id, { revision, key }, query)
    )
  }
})

const approveOne = async (name: string, given: Options, session: Session): Promise<SeenEnrolment> => {
  const { client, terminal } = session
  const shown = await client.show(name)
  if (given.dryRun !== 'none') return tryOne(shown, name, given, session)
  const before = approvedBefore(shown, given)
  if (before !== undefined) return client.approve(shown.id, before)
  const grants = !isAgreed(given) && !isRecovering(shown) && (await canGrantHere(shown, session))
  await requireAgreement(shown, { verb: 'approve', done: 'approved', reference: name, given, grants }, terminal)
  // not the current revision: an approval covers the one that was read
  const approved = await client.approve(shown.id, { revision: shown.revision, key: shown.key })
  return grants ? grantHere(shown, session) : approved
}

const tryOne = async (
  shown: SeenEnrolmentDetail,
  reference: string,
  options: Options,
  session: Session
): Promise<SeenEnrolment> => {
  const { dryRun } = options
  await requireAgreement(
    shown,
    { verb: 'approve', done: 'approved', reference, given: { ...options, yes: true } },
    session.terminal
  )
  const after = await approving(dryRun, session).decide(shown)
  tellDryRun(dryRun, session)
  return after
}

/**
 * The approval that the operator means, if it already exists. To repeat it asks nothing of a person, and changes
 * nothing.
 */
const approvedBefore = (shown: SeenEnrolmentDetail, { key, revision }: Agreement): ApproveRequest | undefined => {
  const { approved } = shown
  // the approval of the join says nothing about the way back
  if (approved === undefined || !holdsName(shown) || isRecovering(shown)) return undefined
  if (key !== undefined && !isFingerprintOf(key, approved.key)) return undefined
  if (revision !== undefined && revision !== approved.revision) return undefined
  return { revision: approved.revision, key: approved.key }
}
