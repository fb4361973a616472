import { CommandEnd } from '@joinery/host/command-end'
import { awaitsApproval, awaitsClaim } from '@joinery/protocol'
import type { Command } from 'commander'
import { requireKey } from '../consent/agreement.ts'
import { parseFingerprint } from '../consent/fingerprint-option.ts'
import { requireTypedKey } from '../consent/typed-key.ts'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { printChange } from '../output/enrolment/change.ts'
import { describeEvidence } from '../output/enrolment/describe-evidence.ts'
import { evidence } from '../output/enrolment/evidence.ts'
import { enrolmentArgument } from '../session/references.ts'
import { requireHost } from '../session/require-host.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery grant cp-2                              shows the evidence, and asks for the key; as root on a control-plane host
  joinery grant cp-2 --key 4f1c-22ab-...          the machine whose console shows this key, without a question
`

interface Options {
  key?: string
}

export const addGrant = (program: Command, terminal: Terminal): Command =>
  program
    .command('grant')
    .description(
      'give an approved control plane the keys of the cluster, sealed to its key, for 15 minutes; run it as root on a control-plane host'
    )
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', (one) => one.role === 'control-plane' && awaitsClaim(one)))
    .option('--key <key>', "key that the machine's console shows", parseFingerprint)
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, options: Options, command) =>
      inSession(command, terminal, (session) => grant(name, options, session))
    )

const grant = async (name: string, { key }: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  requireHost(client, {
    what: `give ${name} the keys of the cluster`,
    command: `joinery grant ${name}`,
    host: 'on the control-plane host of the pairing server'
  })
  const shown = await client.show(name)
  requireGrantable(shown, name, key)
  const { readSharedKeys } = await import('../grant/shared-keys.ts')
  const { grantKeys } = await import('../grant/grant-keys.ts')
  if (terminal.pki === undefined) throw new CommandEnd(exitCodes.failure, 'a rehearsal has no keys of a cluster')
  const files = await readSharedKeys(terminal.pki, shown.etcd)
  if (key === undefined) {
    terminal.err(describeEvidence(shown, terminal, 'asked'))
    await requireTypedKey(shown, 'granted', terminal)
  } else terminal.err(evidence(shown, terminal))
  printChange(session, 'granted', await grantKeys(client, shown, files), name)
}

/** The server refuses the same, but only after the keys were read and sealed. */
const requireGrantable = (shown: SeenEnrolmentDetail, reference: string, key: string | undefined): void => {
  const refuse = (why: string, remedy?: string) => new CommandEnd(exitCodes.conflict, why, remedy)
  const { name, role, state } = shown
  if (role !== 'control-plane') throw refuse(`${name} joins as a ${role}, which gets no keys of the cluster`)
  if (!awaitsClaim(shown)) {
    const remedy = awaitsApproval(shown) ? `joinery approve ${reference}` : `joinery show ${reference}`
    throw refuse(`${name} is ${state}, and is granted nothing before it is approved`, remedy)
  }
  if (key !== undefined) requireKey(shown, key, reference)
}
