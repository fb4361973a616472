import { CommandEnd } from '@joinery/host/command-end'
import { table } from '@joinery/host/text/table'
import { misfits, type Versions, version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Command } from 'commander'
import { type Printer, printDocument } from '../output/document.ts'
import { outputOf, outputOption, readOutput } from '../session/output-option.ts'
import { terminalFor } from '../session/screen-options.ts'
import { inSession } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery version                                          command, server and cluster, and what does not fit
  joinery version -o json | jq -r .server
  joinery version --verify SHA256SUMS                      is this program that of the release? asks no server
  joinery version --verify SHA256SUMS --signers allowed_signers

--verify needs PROGRAMS and, with --signers, SHA256SUMS.sig beside SHA256SUMS. It finds a download that broke, and files that somebody
exchanged by accident or on the way. A program that somebody changed on purpose can lie about itself: to know, verify the package before
you install it, with sha256sum and ssh-keygen alone.
`

interface Options {
  verify?: string
  signers?: string
}

export const addVersion = (program: Command, terminal: Terminal): Command =>
  program
    .command('version')
    .description('show the versions of command, server and cluster; exits with 7 if they do not fit together')
    .addHelpText('before', examples)
    .option('--verify <file>', 'SHA256SUMS of a release: compare this program with it, and ask no server')
    .option('--signers <file>', 'allowed signers for ssh-keygen: with --verify, check the signature of SHA256SUMS too')
    .addOption(outputOption('json', 'yaml'))
    .action(async ({ verify, signers }: Options, command: Command) => {
      const { output, headers } = command.optsWithGlobals<{ output: string; headers: boolean }>()
      const printer = { ...(await readOutput(outputOf(output))), headers, terminal: terminalFor(command, terminal) }
      if (verify !== undefined) return showVerified(verify, signers, printer)
      if (signers !== undefined)
        throw new CommandEnd(exitCodes.usage, '--signers needs --verify', 'joinery version --help')
      await showVersions(command, printer)
    })

/** Shows its own version also if nobody answers. Then the error of that ends the command. */
const showVersions = async (command: Command, printer: Printer): Promise<void> => {
  const { terminal } = printer
  let others: Omit<Versions, 'command'> | undefined
  let failure: unknown
  try {
    await inSession(command, terminal, async ({ client }) => {
      const status = await client.status()
      others = given({ server: status.version, kubernetes: status.cluster.version })
    })
  } catch (error) {
    failure = error
  }
  const versions = { command: version, ...others }
  const wrong = misfits(versions).map(terminal.told)
  if (!printDocument(printer, { ...versions, misfits: wrong })) terminal.out(versionsText(versions, wrong))
  if (failure !== undefined) throw failure
  if (wrong.length > 0) throw new CommandEnd(exitCodes.checkFails, 'the versions do not fit together')
}

const versionsText = ({ command, server, kubernetes }: Versions, wrong: readonly string[]): string =>
  table(
    [
      ['Command:', command],
      ['Server:', server ?? 'does not answer'],
      ['Kubernetes:', kubernetes ?? 'not known'],
      ...(server !== undefined && wrong.length === 0 ? [['What to do:', 'nothing']] : [])
    ],
    false
  ) +
  (wrong.length === 0
    ? ''
    : `What to do:\n${table(
        wrong.map((one) => [`- ${one}`]),
        false
      )}`)

const showVerified = async (sums: string, signers: string | undefined, printer: Printer): Promise<void> => {
  const { terminal } = printer
  const { verifyRelease } = await import('../release/verify-release.ts')
  const verified = await verifyRelease(sums, signers, terminal)
  if (printDocument(printer, { command: version, verified })) return
  const { package: name, files, foreignNode, signer, next } = verified
  terminal.out(`${files} files of this program are those of ${name} in ${sums}.\n`)
  if (foreignNode !== undefined) terminal.out(`It runs on ${foreignNode}, which no release has.\n`)
  if (signer !== undefined) terminal.out(`${sums} is signed by ${signer}.\n`)
  if (next !== undefined) terminal.err(`The signature was not checked. Next: ${next}\n`)
}
