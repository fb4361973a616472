import { CommandEnd } from '@joinery/host/command-end'
import { isFingerprintOf } from '@joinery/protocol'
import type { Command } from 'commander'
import { parseFingerprint } from '../consent/fingerprint-option.ts'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { printChange } from '../output/enrolment/change.ts'
import { carryOut, type DryRunOptions, dryRunOption, tellDryRun } from '../session/dry-run.ts'
import { enrolmentArgument } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery show node-1                             both keys; compare with the machine's console
  joinery release node-1 --key 4f1c-22ab-...      the right key, as its machine's console shows it
  joinery release node-1 --key 4f1c-22ab-... --dry-run=server
`

interface Options extends DryRunOptions {
  key: string
}

export const addRelease = (program: Command, terminal: Terminal): Command =>
  program
    .command('release')
    .description('let the right machine go on after two keys have used one code')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', 'release'))
    .requiredOption('--key <key>', 'key of the right machine, as its console shows it', parseFingerprint)
    .addOption(dryRunOption())
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, options: Options, command) =>
      inSession(command, terminal, (session) => release(name, options, session))
    )

const release = async (name: string, { key: digits, dryRun }: Options, session: Session): Promise<void> => {
  const { client } = session
  const shown = await client.show(name)
  const key = rightKey(shown, digits, name)
  // by its id: the name may mean another machine by now
  const released = await carryOut(dryRun, { event: 'release', look: shown }, (query) =>
    client.release(shown.id, { key }, query)
  )
  tellDryRun(dryRun, session)
  printChange(session, 'released', released, name, dryRun)
}

/** The whole key that the operator means. Throws if no machine came with it. */
const rightKey = (
  { key: owner, conflicts, conflictCount }: SeenEnrolmentDetail,
  digits: string,
  reference: string
): string => {
  const whole = `sha256:${digits}`
  // a view does not have the keys of others: then only a whole key says which one is meant
  const others = conflicts?.map(({ key }) => key) ?? (digits.length === 64 ? [whole] : [])
  const keys = new Set([owner, ...others])
  const [meant, another] = [...keys].filter((key) => isFingerprintOf(digits, key))
  const refuse = (why: string) => new CommandEnd(exitCodes.notFound, why, `the keys are in: joinery show ${reference}`)
  if (meant === undefined && conflictCount !== undefined) {
    const why = `Kubernetes shows only the key of the owner, and this is another one: give all of its 64 digits`
    throw new CommandEnd(exitCodes.notFound, why, 'at that machine: joinery-agent status')
  }
  if (meant === undefined) throw refuse('no machine with this key presented the code')
  if (another !== undefined) throw refuse('two keys begin like this: give the whole key')
  return meant
}
