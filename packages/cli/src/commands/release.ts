import type { Command } from 'commander'
import { parseFingerprint } from '../fingerprint-option.ts'
import { printChange } from '../output/change.ts'
import { enrolmentArgument } from '../references.ts'
import { inSession, outputOption } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery show node-1                             both keys; compare with the machine's console
  joinery release node-1 --key sha256:4f1c...     the whole fingerprint of the right one
`

export const addRelease = (program: Command, terminal: Terminal): Command =>
  program
    .command('release')
    .description('let the right machine go on where two keys used one code')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', 'release'))
    .requiredOption('--key <fingerprint>', 'the key that is right: sha256: and 64 hex digits', parseFingerprint)
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((name: string, { key }: { key: string }, command) =>
      inSession(command, terminal, async (session) => {
        printChange(session, 'released', await session.client.release(name, { key }), name)
      })
    )
