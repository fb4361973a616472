import { CommandEnd } from '@joinery/host/command-end'
import { type ApproveRequest, holdsName, isFingerprintOf, isRecovering } from '@joinery/protocol'
import type { Command } from 'commander'
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
import { enrolmentArgument, enrolmentName } from '../session/references.ts'
import { inSession, isForPeople, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { tryEach } from '../terminal/try-each.ts'
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
`

interface Options extends DrainOptions, Agreement {
  replace?: true
}

export const addApprove = (program: Command, terminal: Terminal): Command =>
  addDrainOptions(
    addAgreementOptions(
      program
        .command('approve')
        .description('let machines join, exactly as joinery shows them; a failing preflight check does not prevent it')
        .addHelpText('before', examples)
        .addArgument(enrolmentArgument('<name...>', 'approve'))
    ).option('--replace', 'drain, ban and delete the Node that has the name; the new Node gets its labels and taints')
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((names: string[], options: Options, command) =>
      inSession(command, terminal, (session) => approve(names, options, session))
    )

const approve = async (names: readonly string[], options: Options, session: Session): Promise<void> => {
  if (options.replace && names.length > 1) {
    throw new CommandEnd(exitCodes.usage, '--replace is for one machine at a time', 'give one name')
  }
  const { terminal, format } = session
  requireAgreeable(names, options, 'approved', terminal)
  const { done, failures } = await tryEach(names, async (name) => {
    const enrolment = options.replace ? await replace(name, options, session) : await approveOne(name, options, session)
    if (isForPeople(format)) {
      const told = formerCertificate(enrolment, options.replace === true)
      if (told !== undefined) terminal.err(`${told}\n`)
      printChange(session, enrolment.granted === undefined ? 'approved' : 'approved and granted', enrolment, name)
    }
    return enrolment
  })
  printDocument(session, { items: done }, () => done.map((enrolment) => enrolmentName(enrolment)))
  if (failures.length > 0) throw new AggregateError(failures)
}

const approveOne = async (name: string, given: Agreement, session: Session): Promise<SeenEnrolment> => {
  const { client, terminal } = session
  const shown = await client.show(name)
  const before = approvedBefore(shown, given)
  if (before !== undefined) return client.approve(shown.id, before)
  const grants = !isAgreed(given) && !isRecovering(shown) && (await canGrantHere(shown, session))
  await requireAgreement(shown, { verb: 'approve', done: 'approved', reference: name, given, grants }, terminal)
  // not the current revision: an approval covers the one that was read
  const approved = await client.approve(shown.id, { revision: shown.revision, key: shown.key })
  return grants ? grantHere(shown, session) : approved
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
